/* SPDX-License-Identifier: MIT */
/* Every bound of the program, in one place. Meeting one is never silent: it becomes a problem that
 * the report mentions. Sizes are bytes unless the name says otherwise. */
#ifndef KRBWHY_BASE_LIMITS_H
#define KRBWHY_BASE_LIMITS_H

#include <stdint.h>

#define LIMIT_FRAME_BYTES         ((size_t)16 << 20)  /* captured bytes of one frame */
#define LIMIT_BLOCK_BYTES         ((size_t)64 << 20)  /* one pcapng block */
#define LIMIT_UNPACKERS           3                   /* compressed within compressed */
#define LIMIT_INTERFACES          4096                /* pcapng interfaces of one section */
#define LIMIT_LOADED_BYTES        ((size_t)512 << 20) /* a file read out of order from a pipe */
#define LIMIT_NETMON_TABLE_BYTES  ((size_t)16 << 20)  /* processes or comments of one file */
#define LIMIT_PROCESSES           65536               /* of one Network Monitor file */
#define LIMIT_TUNNEL_DEPTH        8                   /* headers of headers in one frame */
#define LIMIT_FRAGMENT_BYTES      ((size_t)4 << 20) /* IP fragments waiting, all datagrams together */
#define LIMIT_FRAGMENT_DATAGRAMS  256               /* IP datagrams waiting for fragments */
#define LIMIT_FLOWS               ((size_t)1 << 19)  /* pairs of endpoints remembered at once */
#define LIMIT_CONNECTIONS         ((size_t)1 << 17)  /* of them, those that carried data */
#define LIMIT_UNANSWERED          10000              /* connections without data told singly */
#define LIMIT_STREAM_BYTES        ((size_t)4 << 20)  /* reassembly of one direction */
#define LIMIT_REASSEMBLY_BYTES    ((size_t)48 << 20) /* reassembly of all flows together */
#define LIMIT_STREAM_RANGES       256                /* out-of-order pieces of one direction */
#define LIMIT_DER_DEPTH           32
#define LIMIT_DER_ITEMS           4096 /* elements of one SEQUENCE OF */
#define LIMIT_KEYTAB_ENTRIES      65536
#define LIMIT_KEYTAB_BYTES        ((size_t)4 << 20)
#define LIMIT_NAME_COMPONENTS     32   /* of a Kerberos principal */
#define LIMIT_DNS_JUMPS           48   /* compression pointers of one name; c-ares stops at 50 */
#define LIMIT_DNS_RECORDS         4096 /* of one message */
#define LIMIT_HTTP_HEADER_BYTES   ((size_t)256 << 10)
#define LIMIT_HTTP_AUTHS          64 /* authentication challenges of one message */
#define LIMIT_HTTP_OPEN           64 /* requests of one connection that no answer came to */
#define LIMIT_HTTP_WAITING        8  /* answers to a request that is not complete */
#define LIMIT_HELD_BYTES          ((size_t)32 << 20) /* HTTP heads that wait for the end of a body */
#define LIMIT_TLS_NAMES           64                 /* of one certificate or hello */
#define LIMIT_TLS_HANDSHAKE_BYTES ((size_t)128 << 10) /* one message over many records */
#define LIMIT_CHUNK_LINE_BYTES    ((size_t)4 << 10)   /* a chunk size with its extensions */
#define LIMIT_MESSAGE_BYTES       ((size_t)1 << 20)   /* one Kerberos, DNS or TLS message */
#define LIMIT_STANDING            200   /* findings of one kind that files alone give */
#define LIMIT_SERVER_NAMES        64    /* computers that a site without host header may stand on */
#define LIMIT_BESIDE_FACTS        20000 /* of files that are gone through beside a capture */
#define LIMIT_OBSERVATIONS        ((size_t)4 << 20)
#define LIMIT_DNS_MESSAGES        ((size_t)4 << 20) /* kept beside those */
#define LIMIT_ABOUT_INPUT         ((size_t)720) /* problems and files of an input, beside those */
#define LIMIT_RECORD_BYTES        ((size_t)4 << 20) /* one observation on the pipe */
#define LIMIT_LOG_BYTES           ((size_t)1 << 30) /* all observations of one input on the pipe */
#define LIMIT_PROBLEMS            200               /* listed singly; the rest is counted */
#define LIMIT_WARNINGS            20 /* problems of one input on stderr; the report has all */
/* Numbers of a record, either sign: two of them can be added or subtracted without a check. */
#define LIMIT_NUMBER           ((int64_t)1 << 48)
#define LIMIT_SECONDS          ((int64_t)1 << 40) /* fields _s: the years of RFC 4120, 5.2.3 fit */
#define LIMIT_NANOSECONDS      (((int64_t)1 << 62) - 1) /* fields _ns: 1823 to 2116 */
#define LIMIT_RATIO            2000                     /* unpacked bytes per compressed byte */
#define LIMIT_RATIO_FLOOR      ((size_t)64 << 20)
#define LIMIT_EVIDENCE_BYTES   ((size_t)256 << 20)
#define LIMIT_EVIDENCE_LINES   ((int64_t)4 << 20)
#define LIMIT_EVIDENCE_ITEMS   65536 /* SPNs of one object, names of one list */
#define LIMIT_IIS_SITES        16384 /* also of pools */
#define LIMIT_IIS_LOCATIONS    4096
#define LIMIT_XML_DEPTH        64
#define LIMIT_ETYPES           64 /* etypes of one list */
#define LIMIT_TOKEN_BYTES      ((size_t)1 << 20)
#define LIMIT_REDACT_BYTES     ((size_t)2 << 30)   /* payloads held while secrets are looked for */
#define LIMIT_REDACT_RUN       ((size_t)64 << 20)  /* of one direction looked at in one piece */
#define LIMIT_REDACT_OVERLAP   ((size_t)1 << 20)   /* of two pieces: a secret is shorter */
#define LIMIT_REDACT_GAP       ((size_t)64 << 10)  /* missing bytes that a piece may go across */
#define LIMIT_HTML_INCIDENTS   50                  /* shown in full: about 25 KB each */
#define LIMIT_HTML_ROWS        2000                /* of the overview table */
#define LIMIT_MERGE_LINE_BYTES ((size_t)256 << 20) /* one document of --merge */
#define LIMIT_MERGE_LINES      ((size_t)1 << 20)
#define LIMIT_MERGE_DEPTH      32
#define LIMIT_MERGE_NUMBER     ((int64_t)1 << 36) /* counts of one document, so that sums fit */
#define LIMIT_MERGE_CAUSES     256                /* different causes in one merged report */
#define LIMIT_SERIES_FILES     512  /* consecutive files that are read as one capture */
#define LIMIT_FOLDER_DEPTH     16   /* folders within folders that are walked */
#define LIMIT_FRAME_NOTES      1000 /* comments on frames of one capture */
#define LIMIT_FRAME_NOTE_BYTES 400

/* Tests build the program a second time, with less of what would take too long to reach. */
#ifdef KRBWHY_LIMITS
#include KRBWHY_LIMITS
#endif

#endif
