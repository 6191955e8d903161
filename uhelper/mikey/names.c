// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of code points, as the RFCs print them. */
#include "mikey/internal.h"

#define NAME(table, i) \
	((i) < sizeof(table) / sizeof((table)[0]) && (table)[i] ? (table)[i] : "unknown")

const char *mikey_type_name(uint8_t data_type)
{
	static const char *const names[] = {
		[MIKEY_PSK_INIT] = "PSK_INIT",
		[MIKEY_PSK_VERIFY] = "PSK_VERIFY",
		[MIKEY_PK_INIT] = "PK_INIT",
		[MIKEY_PK_VERIFY] = "PK_VERIFY",
		[MIKEY_DH_INIT] = "DH_INIT",
		[MIKEY_DH_RESP] = "DH_RESP",
		[MIKEY_ERROR] = "ERROR",
		[MIKEY_DHHMAC_INIT] = "DHHMAC_INIT",
		[MIKEY_DHHMAC_RESP] = "DHHMAC_RESP",
		[MIKEY_RSA_R_I] = "RSA_R_I_MESSAGE",
		[MIKEY_RSA_R_R] = "RSA_R_R_MESSAGE",
		[MIKEY_REQUEST_INIT_PSK] = "REQUEST_INIT_PSK",
		[MIKEY_REQUEST_INIT_PK] = "REQUEST_INIT_PK",
		[MIKEY_REQUEST_RESP] = "REQUEST_RESP",
		[MIKEY_TRANSFER_INIT] = "TRANSFER_INIT",
		[MIKEY_TRANSFER_RESP] = "TRANSFER_RESP",
		[MIKEY_RESOLVE_INIT_PSK] = "RESOLVE_INIT_PSK",
		[MIKEY_RESOLVE_INIT_PK] = "RESOLVE_INIT_PK",
		[MIKEY_RESOLVE_RESP] = "RESOLVE_RESP",
		[MIKEY_REQUEST_KEY_PSK] = "REQUEST_KEY_PSK",
		[MIKEY_REQUEST_KEY_PKE] = "REQUEST_KEY_PKE",
		[MIKEY_REQUEST_KEY_RESP] = "REQUEST_KEY_RESP",
		[MIKEY_I_MESSAGE_1] = "I_MESSAGE_1",
		[MIKEY_R_MESSAGE_1] = "R_MESSAGE_1",
		[MIKEY_I_MESSAGE_2] = "I_MESSAGE_2",
		[MIKEY_R_MESSAGE_2] = "R_MESSAGE_2",
		[MIKEY_SAKKE_I_MESSAGE] = "SAKKE_I_MESSAGE",
	};

	return NAME(names, data_type);
}

const char *mikey_payload_name(uint8_t payload_type)
{
	static const char *const names[] = {
		[MIKEY_LAST] = "Last",
		[MIKEY_KEMAC] = "KEMAC",
		[MIKEY_PKE] = "PKE",
		[MIKEY_DH] = "DH",
		[MIKEY_SIGN] = "SIGN",
		[MIKEY_T] = "T",
		[MIKEY_ID] = "ID",
		[MIKEY_CERT] = "CERT",
		[MIKEY_CHASH] = "CHASH",
		[MIKEY_V] = "V",
		[MIKEY_SP] = "SP",
		[MIKEY_RAND] = "RAND",
		[MIKEY_ERR] = "ERR",
		[MIKEY_TR] = "TR",
		[MIKEY_IDR] = "IDR",
		[MIKEY_RANDR] = "RANDR",
		[MIKEY_TP] = "TP",
		[MIKEY_TICKET] = "TICKET",
		[MIKEY_KEY_DATA] = "Key data",
		[MIKEY_EXT] = "General Ext",
		[MIKEY_IBAKE] = "IBAKE",
		[MIKEY_ESK] = "ESK",
		[MIKEY_SK] = "SK",
		[MIKEY_ECCPT] = "ECCPT",
		[MIKEY_SAKKE] = "SAKKE",
	};

	return NAME(names, payload_type);
}

const char *mikey_error_name(uint8_t error_no)
{
	static const char *const names[] = {
		[MIKEY_ERR_AUTH_FAILURE] = "Auth failure",
		[MIKEY_ERR_INVALID_TS] = "Invalid TS",
		[MIKEY_ERR_INVALID_PRF] = "Invalid PRF",
		[MIKEY_ERR_INVALID_MAC] = "Invalid MAC",
		[MIKEY_ERR_INVALID_EA] = "Invalid EA",
		[MIKEY_ERR_INVALID_HA] = "Invalid HA",
		[MIKEY_ERR_INVALID_DH] = "Invalid DH",
		[MIKEY_ERR_INVALID_ID] = "Invalid ID",
		[MIKEY_ERR_INVALID_CERT] = "Invalid Cert",
		[MIKEY_ERR_INVALID_SP] = "Invalid SP",
		[MIKEY_ERR_INVALID_SPPAR] = "Invalid SPpar",
		[MIKEY_ERR_INVALID_DT] = "Invalid DT",
		[MIKEY_ERR_UNSPECIFIED] = "Unspecified error",
		[MIKEY_ERR_UNSUPPORTED_TYPE] = "Unsupported message type",
		[MIKEY_ERR_INVALID_TICKET] = "Invalid TICKET",
		[MIKEY_ERR_INVALID_TPPAR] = "Invalid TPpar",
	};

	return NAME(names, error_no);
}

const char *mikey_curve_name(uint8_t curve)
{
	static const char *const names[] = {
		NULL, "P-192", "B-163", "K-163", "sect163r1", "P-224", "B-233", "K-233", "P-256",
		"B-283", "K-283", "P-384", "B-409", "K-409", "P-521", "B-571", "K-571",
	};

	return NAME(names, curve);
}
