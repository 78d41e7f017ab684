/* SPDX-License-Identifier: MIT */
/* Takes back the macros of records.def. No include guard. */
#undef BEGIN
#undef INT
#undef REF
#undef OPTINT
#undef BOOLEAN
#undef TEXT
#undef ADDRESS
#undef DIGEST
#undef INTS
#undef TEXTS
#undef LIST
#undef ONE
#undef END
