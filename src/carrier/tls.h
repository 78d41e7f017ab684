/* SPDX-License-Identifier: MIT */
/* The TLS carrier, for those behind whose first messages TLS may begin. */
#ifndef KRBWHY_CARRIER_TLS_H
#define KRBWHY_CARRIER_TLS_H

#include "carrier/carrier.h"

extern const struct carrier carrier_tls;

#endif
