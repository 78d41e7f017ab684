/* SPDX-License-Identifier: MIT */
/* Finds secrets by their looks in a run of octets, whatever protocol carries them, and overwrites
 * them: the encrypted parts of Kerberos (RFC 4120 section 5.2.9), NTLM responses ([MS-NLMP]
 * 2.2.1.3), credentials and cookies in header lines (RFC 9110 section 11, RFC 6265), the first two
 * also within base64. Lengths never change. */
#ifndef KRBWHY_REWRITE_SCAN_H
#define KRBWHY_REWRITE_SCAN_H

#include "base/bytes.h"

struct scan_counts {
    int64_t ciphertexts, ntlm, headers;
    int64_t zeroed; /* secrets that were cut, so that zeros stand in their place */
};

/* Octets [from, to) of the run that were not captured. */
struct scan_hole {
    size_t from, to;
};

struct scan {
    uint8_t *at; /* overwritten in place; zero in the holes */
    size_t len;
    size_t start; /* what stands before is no part of the run, but for the line that it ends */
    size_t stop;  /* what begins here or behind is looked at another time; 0: everything is */
    const struct scan_hole *holes; /* ascending */
    size_t num_holes;
    bool headless;  /* what comes before `start` was not captured */
    size_t reached; /* result: the end of what was found, if that is behind `stop` */
    size_t overrun; /* result: octets of secrets behind the end of the run */
    struct scan_counts *counts;
};

/* The whole run: scan_binary, then scan_text. */
void scan_run(struct scan *scan);

/* Kerberos and NTLM as they stand. Returns how many were found. */
int64_t scan_binary(struct scan *scan);

/* Header lines and base64 (scan_text.c). */
void scan_text(struct scan *scan);

/* Where the last that is looked at begins, and that something was found up to `end`. */
size_t scan_stop(const struct scan *scan);
void scan_reach(struct scan *scan, size_t end);

/* The first hole that ends behind `from`; num_holes: there is none. */
size_t scan_find_hole(const struct scan *scan, size_t from);

/* Whether octets of [from, to) were not captured. */
bool scan_has_hole(const struct scan *scan, size_t from, size_t to);

/* What stands in place of a whole ciphertext: made from its digest, piece by piece (64 octets), so
 * that two ciphertexts share as many pieces as before, in one capture and across captures. */
void scan_replace(uint8_t *at, size_t len);

#endif
