/* SPDX-License-Identifier: MIT */
/* Private to mit*.c: krb5.h, and the decoders of libkrb5 that it exports without declaring them
 * (they are the library's own, stable since 1.8; mit_self_test checks them). Each allocates *out,
 * which the function named behind it frees. */
#ifndef KRBWHY_ASN1_MIT_KRB5_H
#define KRBWHY_ASN1_MIT_KRB5_H

#include <krb5.h>
#include <profile.h>

krb5_error_code decode_krb5_as_req(const krb5_data *raw, krb5_kdc_req **out);
krb5_error_code decode_krb5_tgs_req(const krb5_data *raw, krb5_kdc_req **out);
void krb5_free_kdc_req(krb5_context context, krb5_kdc_req *req);

krb5_error_code decode_krb5_as_rep(const krb5_data *raw, krb5_kdc_rep **out);
krb5_error_code decode_krb5_tgs_rep(const krb5_data *raw, krb5_kdc_rep **out);
void krb5_free_kdc_rep(krb5_context context, krb5_kdc_rep *rep);

krb5_error_code decode_krb5_ap_req(const krb5_data *raw, krb5_ap_req **out);
void krb5_free_ap_req(krb5_context context, krb5_ap_req *req);

krb5_error_code decode_krb5_ap_rep(const krb5_data *raw, krb5_ap_rep **out);
void krb5_free_ap_rep(krb5_context context, krb5_ap_rep *rep);

krb5_error_code decode_krb5_error(const krb5_data *raw, krb5_error **out); /* krb5_free_error */

/* struct _krb5_priv is not in krb5.h: only its encrypted part is looked at. */
struct mit_priv {
    krb5_magic magic;
    krb5_enc_data enc_part;
};
krb5_error_code decode_krb5_priv(const krb5_data *raw, struct mit_priv **out);
void krb5_free_priv(krb5_context context, struct mit_priv *priv);

/* Frees with krb5_free_enc_tkt_part. */
krb5_error_code decode_krb5_enc_tkt_part(const krb5_data *raw, krb5_enc_tkt_part **out);
void krb5_free_enc_tkt_part(krb5_context context, krb5_enc_tkt_part *part);

krb5_error_code encode_krb5_error(const krb5_error *error, krb5_data **out);

#endif
