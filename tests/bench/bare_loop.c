/* SPDX-License-Identifier: MIT */
/* What reading a capture costs at least: pcap_open_offline and pcap_next_ex, counting. The
 * yardstick of make bench. */
#include <pcap/pcap.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    char error[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = argc == 2 ? pcap_open_offline(argv[1], error) : NULL;
    struct pcap_pkthdr *header;
    const u_char *data;
    unsigned long long num = 0, bytes = 0;

    if (pcap == NULL)
        return 2;
    while (pcap_next_ex(pcap, &header, &data) == 1) {
        num++;
        bytes += header->caplen;
    }
    printf("%llu %llu\n", num, bytes);
    pcap_close(pcap);
    return 0;
}
