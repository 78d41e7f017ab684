/* SPDX-License-Identifier: MIT */
/* json-c, whose typedefs have the names of functions of report/json.h: they are given others here.
 * The only includer of json-c. Its macros that declare objects cannot be used. */
#ifndef KRBWHY_REPORT_JSONC_H
#define KRBWHY_REPORT_JSONC_H

#define json_object jsonc_object
#define json_bool   jsonc_bool
#include <json-c/json.h>
#include <json-c/json_object_iterator.h>
#undef json_object
#undef json_bool

#endif
