#!/usr/bin/env python3
"""--explain on the command line."""
import common

for word, part in (("41", b"KRB_AP_ERR_MODIFIED"), ("KRB_AP_ERR_MODIFIED", b"cname-spn"), ("0x80090322", b"SEC_E_WRONG_PRINCIPAL"),
                   ("-2146893022", b"SEC_E_WRONG_PRINCIPAL"), ("1396", b"ERROR_WRONG_TARGET_NAME"), ("0x21C7", b"setspn"),
                   ("Cannot generate SSPI context", b"sql-spn"), ("curl", b"rdns"), ("duplicate-spn", b"setspn -X"), ("list", b"farm-member"), ("list", b" A short name")):
    status, out, err = common.run("--explain", word)
    common.report(status == 0 and part in out and not err, f"test_explain/{word.replace(' ', '_')}", f"status {status}", repr(out[:200]), err)
for word in ("nothing of the kind", "\x1b[31mred"):
    status, out, err = common.run("--explain", word)
    common.report(status == 2 and not out and "--explain" in err and "\x1b" not in err, f"test_explain/unknown_{len(word)}", f"status {status}", err)
status, out, err = common.run("--explain", "41", "some.pcap")
common.report(status == 2, "test_explain/no_files_beside_it", f"status {status}")
raise SystemExit(common.status())
