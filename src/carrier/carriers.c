/* SPDX-License-Identifier: MIT */
#include "carrier/carrier.h"

#define CARRIER(name) extern const struct carrier carrier_##name;
#include "carrier/carriers.def"
#undef CARRIER

const struct carrier *const carriers[] = {
#define CARRIER(name) &carrier_##name,
#include "carrier/carriers.def"
#undef CARRIER
    NULL,
};
