/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tracepoints. None shows a key octet.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ksrtp

#if !defined(KSRTP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KSRTP_TRACE_H

#include <linux/tracepoint.h>
#include "flow.h"
#include "reason.h"
#include "sa.h"

DECLARE_EVENT_CLASS(ksrtp_sa_class,
	TP_PROTO(const struct ksrtp_sa *sa),
	TP_ARGS(sa),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, generation)
		__field(u32, direction)
		__field(u32, suite)
	),
	TP_fast_assign(
		__entry->id = sa->id;
		__entry->generation = sa->generation;
		__entry->direction = sa->direction;
		__entry->suite = sa->suite->id;
	),
	TP_printk("id=%u generation=%u direction=%s suite=%u", __entry->id, __entry->generation,
		  __entry->direction == KSRTP_DIRECTION_TX ? "tx" : "rx", __entry->suite)
);

DEFINE_EVENT(ksrtp_sa_class, ksrtp_sa_add,
	TP_PROTO(const struct ksrtp_sa *sa),
	TP_ARGS(sa)
);

DEFINE_EVENT(ksrtp_sa_class, ksrtp_sa_del,
	TP_PROTO(const struct ksrtp_sa *sa),
	TP_ARGS(sa)
);

DECLARE_EVENT_CLASS(ksrtp_flow_class,
	TP_PROTO(const struct ksrtp_flow *flow),
	TP_ARGS(flow),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, generation)
		__field(u16, port)
	),
	TP_fast_assign(
		__entry->id = flow->id;
		__entry->generation = flow->generation;
		__entry->port = ntohs(flow->local.port);
	),
	TP_printk("id=%u generation=%u port=%u", __entry->id, __entry->generation, __entry->port)
);

DEFINE_EVENT(ksrtp_flow_class, ksrtp_flow_add,
	TP_PROTO(const struct ksrtp_flow *flow),
	TP_ARGS(flow)
);

DEFINE_EVENT(ksrtp_flow_class, ksrtp_flow_del,
	TP_PROTO(const struct ksrtp_flow *flow),
	TP_ARGS(flow)
);

TRACE_EVENT(ksrtp_drop,
	TP_PROTO(const struct ksrtp_flow *flow, enum ksrtp_reason reason, u32 len),
	TP_ARGS(flow, reason, len),
	TP_STRUCT__entry(
		__field(u32, id)
		__field(u32, reason)
		__field(u32, len)
	),
	TP_fast_assign(
		__entry->id = flow->id;
		__entry->reason = reason;
		__entry->len = len;
	),
	TP_printk("flow=%u reason=%s len=%u", __entry->id, ksrtp_reason_name(__entry->reason),
		  __entry->len)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
