/* SPDX-License-Identifier: MIT */
/* Bounds of src/base/limits.h as tests/lowered/ and tests/e2e/test_limits.py meet them: the values
 * differ, the code does not. The true values stand in docs/limits.md. */
#ifndef KRBWHY_TESTS_LOWER_LIMITS_H
#define KRBWHY_TESTS_LOWER_LIMITS_H

#undef LIMIT_LOADED_BYTES
#define LIMIT_LOADED_BYTES ((size_t)300000)
#undef LIMIT_EVIDENCE_BYTES
#define LIMIT_EVIDENCE_BYTES ((size_t)1 << 20)
#undef LIMIT_EVIDENCE_LINES
#define LIMIT_EVIDENCE_LINES ((int64_t)5000)
#undef LIMIT_OBSERVATIONS
#define LIMIT_OBSERVATIONS ((size_t)1000)
#undef LIMIT_LOG_BYTES
#define LIMIT_LOG_BYTES ((size_t)1 << 18)
#undef LIMIT_HELD_BYTES
#define LIMIT_HELD_BYTES ((size_t)100000)
#undef LIMIT_REDACT_BYTES
#define LIMIT_REDACT_BYTES ((size_t)300000)
#undef LIMIT_REDACT_RUN
#define LIMIT_REDACT_RUN ((size_t)20000)
#undef LIMIT_REDACT_OVERLAP
#define LIMIT_REDACT_OVERLAP ((size_t)3000)
#undef LIMIT_MERGE_LINE_BYTES
#define LIMIT_MERGE_LINE_BYTES ((size_t)20000)
#undef LIMIT_MERGE_LINES
#define LIMIT_MERGE_LINES ((size_t)50)
#undef LIMIT_HTML_INCIDENTS
#define LIMIT_HTML_INCIDENTS 3
#undef LIMIT_HTML_ROWS
#define LIMIT_HTML_ROWS 6
#undef LIMIT_SERIES_FILES
#define LIMIT_SERIES_FILES 8

#endif
