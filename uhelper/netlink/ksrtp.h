/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IBAKE_NETLINK_KSRTP_H
#define IBAKE_NETLINK_KSRTP_H

/*
 * Client of the generic netlink family "ksrtp", on libnl. The contract is netlink_proto/ksrtp.yaml,
 * whose constants (<ksrtp.h>) are used as they are.
 *
 * A struct ksrtp_nl is one netlink socket, in the network namespace where it was opened, for one
 * thread. It is also the owner: objects made with @owned outlive it by their grace time only, so a
 * daemon keeps it open for as long as it wants its calls to last.
 *
 * Functions return 0 or a negative errno, with the kernel's own sentence and the name of the
 * attribute it objected to in struct err.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <ksrtp.h>

#include "base/err.h"

struct ksrtp_nl;

/* -ENOENT where the module is not loaded. Needs no privilege by itself; each request does. */
int ksrtp_nl_open(struct ksrtp_nl **nl, struct err *e);
/* Ends the ownership of what was made with it, too. NULL is fine. */
void ksrtp_nl_close(struct ksrtp_nl *nl);

/* Octets of the caller's own; @len 0: none. */
struct ksrtp_cookie {
	uint8_t data[KSRTP_COOKIE_MAX];
	size_t len;
};

struct ksrtp_mki {
	uint8_t data[KSRTP_MKI_MAX];
	size_t len;
};

/* Number and generation, which together name an object for good. */
struct ksrtp_ref {
	uint32_t id;
	uint32_t generation;
};

/* ---- security associations ---- */

/**
 * struct ksrtp_sa_new - what to make; 0 leaves the default of the kernel
 * @id: 1 to KSRTP_ID_MAX, or 0: the kernel picks
 * @direction: enum ksrtp_direction
 * @suite: enum ksrtp_suite
 * @window: packets of the replay window, a multiple of 64
 * @mki_len: octets of the MKI in each packet; 0: none, and one key only
 * @ssrc_limit: SSRCs a key keeps state for
 * @cookie: by which a later daemon knows its own
 * @owned: lives as long as this socket and the grace time
 * @grace: seconds, with @owned; KSRTP_GRACE_DEFAULT where 0 and not @grace_now
 * @grace_now: the grace time is to be 0
 */
struct ksrtp_sa_new {
	uint32_t id;
	uint32_t direction;
	uint32_t suite;
	uint32_t window;
	uint32_t mki_len;
	uint32_t ssrc_limit;
	struct ksrtp_cookie cookie;
	bool owned;
	uint32_t grace;
	bool grace_now;
};

int ksrtp_sa_add(struct ksrtp_nl *nl, const struct ksrtp_sa_new *sa, struct ksrtp_ref *ref,
		 struct err *e);
/* @generation 0: whatever it is. Refused while flows use it. */
int ksrtp_sa_del(struct ksrtp_nl *nl, uint32_t id, uint32_t generation, struct err *e);

/**
 * struct ksrtp_key_info - a key slot as the kernel shows it: never the key
 * @soft_packets: 0: no such limit, as for the three that follow
 * @age: seconds since it was added
 * @roc: with which new SSRCs start
 */
struct ksrtp_key_info {
	struct ksrtp_mki mki;
	bool active;
	bool expired;
	uint64_t soft_packets;
	uint64_t hard_packets;
	uint32_t soft_seconds;
	uint32_t hard_seconds;
	uint32_t roc;
	uint64_t packets;
	uint32_t age;
};

/**
 * struct ksrtp_ssrc_info - state of one SSRC under one key
 * @has_rtp: a packet passed; then @index, @roc and @seq are valid
 * @has_rtcp: likewise @rtcp_index
 * @last_reason: enum ksrtp_drop; KSRTP_DROP_OK where nothing was refused
 */
struct ksrtp_ssrc_info {
	uint32_t ssrc;
	struct ksrtp_mki mki;
	bool has_rtp;
	uint32_t roc;
	uint32_t seq;
	uint64_t index;
	bool has_rtcp;
	uint32_t rtcp_index;
	uint32_t window;
	uint64_t rtp_packets, rtp_octets;
	uint64_t rtcp_packets, rtcp_octets;
	uint64_t auth_fail, replay, too_old, other;
	uint32_t last_reason;
};

struct ksrtp_sa {
	struct ksrtp_ref ref;
	uint32_t direction;
	uint32_t suite;
	uint32_t window;
	uint32_t mki_len;
	uint32_t ssrc_limit;
	struct ksrtp_cookie cookie;
	bool owned;		/* a socket owns it now */
	uint32_t grace;
	uint32_t grace_left;	/* while @state is KSRTP_STATE_ORPHAN */
	uint32_t state;
	uint32_t flows;
	struct ksrtp_key_info *keys;
	size_t n_keys;
	struct ksrtp_ssrc_info *ssrcs;
	size_t n_ssrcs;
};

struct ksrtp_sa_list {
	struct ksrtp_sa *v;
	size_t n;
};

/* What to list: all that is set has to match. */
struct ksrtp_filter {
	uint32_t id;			/* 0: any */
	uint32_t direction;		/* of an sa; 0: both */
	uint32_t rx_sa;			/* of a flow; 0: any */
	struct ksrtp_cookie cookie;	/* @len 0: any */
};

/* A consistent list, NULL @filter: of all. Free it with ksrtp_sa_list_free(), also on failure. */
int ksrtp_sa_dump(struct ksrtp_nl *nl, const struct ksrtp_filter *filter,
		  struct ksrtp_sa_list *list, struct err *e);
void ksrtp_sa_list_free(struct ksrtp_sa_list *list);

/* ---- keys ---- */

/**
 * struct ksrtp_key_new - a key to add; borrowed, and the copy in the request is wiped
 * @key: master key, as long as the suite demands
 * @salt: master salt, likewise
 * @active: transmit: switch to it at once (the first key of an sa is active anyway)
 * @soft_packets: 0: no such limit, as for the three that follow
 * @roc: with which new SSRCs start
 */
struct ksrtp_key_new {
	uint32_t sa_id;
	struct ksrtp_mki mki;
	const uint8_t *key;
	size_t key_len;
	const uint8_t *salt;
	size_t salt_len;
	bool active;
	uint64_t soft_packets;
	uint64_t hard_packets;
	uint32_t soft_seconds;
	uint32_t hard_seconds;
	uint32_t roc;
};

int ksrtp_key_add(struct ksrtp_nl *nl, const struct ksrtp_key_new *key, struct err *e);
/* @mki NULL: of an sa without MKI */
int ksrtp_key_del(struct ksrtp_nl *nl, uint32_t sa_id, const struct ksrtp_mki *mki,
		  struct err *e);
int ksrtp_key_activate(struct ksrtp_nl *nl, uint32_t sa_id, const struct ksrtp_mki *mki,
		       struct err *e);

/* ---- flows ---- */

/**
 * struct ksrtp_dst_new - where media goes
 * @addr: IPv4 or IPv6 address and port
 * @socket_fd: UDP socket from whose address and port it leaves; -1: the flow's own
 * @ifindex: 0: by routing
 * @tx_sa: 0: plain
 */
struct ksrtp_dst_new {
	struct sockaddr_storage addr;
	int socket_fd;
	uint32_t ifindex;
	uint32_t tx_sa;
};

/**
 * struct ksrtp_flow_new - a port to attach
 * @id: 1 to KSRTP_ID_MAX, or 0: the kernel picks
 * @kind: enum ksrtp_kind
 * @socket_fd: bound UDP socket; the kernel holds it from then on
 * @remote: strict source; ss_family 0: any; port 0: any port
 * @ifindex: 0: any interface
 * @rx_sa: 0: plain
 * @dst: where to, @n_dst of them
 */
struct ksrtp_flow_new {
	uint32_t id;
	uint32_t kind;
	int socket_fd;
	struct sockaddr_storage remote;
	uint32_t ifindex;
	uint32_t rx_sa;
	struct ksrtp_dst_new dst[KSRTP_DESTINATIONS_MAX];
	size_t n_dst;
	struct ksrtp_cookie cookie;
	bool owned;
	uint32_t grace;
	bool grace_now;
};

int ksrtp_flow_add(struct ksrtp_nl *nl, const struct ksrtp_flow_new *flow, struct ksrtp_ref *ref,
		   struct err *e);
int ksrtp_flow_del(struct ksrtp_nl *nl, uint32_t id, uint32_t generation, struct err *e);

struct ksrtp_dst {
	struct sockaddr_storage addr;
	struct sockaddr_storage source;	/* ss_family 0: not shown */
	uint32_t ifindex;
	uint32_t tx_sa;
	uint64_t sent, octets, failed;
	uint32_t last_reason;
};

struct ksrtp_flow {
	struct ksrtp_ref ref;
	uint32_t mode;
	uint32_t kind;
	struct sockaddr_storage local;
	struct sockaddr_storage remote;	/* ss_family 0: any */
	uint32_t ifindex;
	uint32_t rx_sa;
	struct ksrtp_dst dst[KSRTP_DESTINATIONS_MAX];
	size_t n_dst;
	struct ksrtp_cookie cookie;
	bool owned;
	uint32_t grace;
	uint32_t grace_left;
	uint32_t state;
	uint64_t packets, octets, delivered, dropped, passed;
	uint32_t last_reason;
};

struct ksrtp_flow_list {
	struct ksrtp_flow *v;
	size_t n;
};

int ksrtp_flow_dump(struct ksrtp_nl *nl, const struct ksrtp_filter *filter,
		    struct ksrtp_flow_list *list, struct err *e);
void ksrtp_flow_list_free(struct ksrtp_flow_list *list);

/* ---- ownership ---- */

/**
 * ksrtp_sa_claim - become the owner of an owned sa whose owner is gone
 * @ref: number and generation, as a dump showed them
 * @grace: seconds, or -1: as it is
 *
 * Return: 0; -EBUSY while another owner lives; -ENOENT where it is gone
 */
int ksrtp_sa_claim(struct ksrtp_nl *nl, const struct ksrtp_ref *ref, int grace, struct err *e);
/* The same for a flow; @fd is a new descriptor (close-on-exec) of its socket. */
int ksrtp_flow_claim(struct ksrtp_nl *nl, const struct ksrtp_ref *ref, int grace, int *fd,
		     struct err *e);

/* ---- counters ---- */

/* Values of enum ksrtp_drop */
#define KSRTP_DROP_COUNT (KSRTP_DROP_XMIT + 1)

struct ksrtp_stats {
	uint64_t packets, delivered, passed, sent;
	/* By enum ksrtp_drop; place 0 has those that only a newer kernel knows. */
	uint64_t dropped[KSRTP_DROP_COUNT];
	uint64_t not_sent[KSRTP_DROP_COUNT];
	uint32_t sas, flows;
};

int ksrtp_stats_get(struct ksrtp_nl *nl, struct ksrtp_stats *stats, struct err *e);

/* ---- events ---- */

/**
 * struct ksrtp_event - something happened in the kernel
 * @cmd: KSRTP_CMD_..._NTF; which members are meaningful follows from the contract
 * @has_sa: @sa_id is valid
 * @has_flow: @flow_id is valid
 */
struct ksrtp_event {
	int cmd;
	bool has_sa;
	bool has_flow;
	uint32_t sa_id;
	uint32_t flow_id;
	uint32_t generation;
	struct ksrtp_cookie cookie;
	struct ksrtp_mki mki;
	bool has_ssrc;
	uint32_t ssrc;
	uint32_t grace;
	uint32_t wipe;		/* enum ksrtp_wipe, 0 where there is none */
	uint64_t packets;
};

struct ksrtp_events;
typedef void ksrtp_event_fn(const struct ksrtp_event *ev, void *arg);

int ksrtp_events_open(struct ksrtp_events **ev, struct err *e);
void ksrtp_events_close(struct ksrtp_events *ev);
/* Readable when there are events. Non-blocking. */
int ksrtp_events_fd(const struct ksrtp_events *ev);
/* Delivers all that wait. -ENOBUFS: some were lost, so read the state anew; going on is fine. */
int ksrtp_events_read(struct ksrtp_events *ev, ksrtp_event_fn *fn, void *arg, struct err *e);

/* ---- names ---- */

/* "AES_CM_128_HMAC_SHA1_80" as in RFC 4568; "unknown" for values of a newer kernel. */
const char *ksrtp_suite_name(uint32_t suite);
const char *ksrtp_direction_name(uint32_t direction);
const char *ksrtp_kind_name(uint32_t kind);
const char *ksrtp_mode_name(uint32_t mode);
const char *ksrtp_state_name(uint32_t state);
const char *ksrtp_drop_name(uint32_t reason);
const char *ksrtp_wipe_name(uint32_t wipe);
/* "key-soft" for KSRTP_CMD_KEY_SOFT_NTF and so on */
const char *ksrtp_event_name(int cmd);

#endif
