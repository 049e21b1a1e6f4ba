// For sendmmsg.
#define _GNU_SOURCE

#include "CDatagrams.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

int toposync_open_datagrams(const struct sockaddr *address, socklen_t address_size) {
    int descriptor = socket(address->sa_family, SOCK_DGRAM, 0);
    if (descriptor < 0) return -errno;
    int off = 0;
    if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0 || fcntl(descriptor, F_SETFL, O_NONBLOCK) != 0 ||
        (address->sa_family == AF_INET6 &&
         setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) != 0) ||
        bind(descriptor, address, address_size) != 0) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    return descriptor;
}

// Says by which interface packets leave, and how far they go.
static int set_multicast_way(
    int descriptor, const struct sockaddr *source, unsigned int interface_index, uint8_t time_to_live) {
    if (source->sa_family == AF_INET6) {
        int hops = time_to_live;
        if (setsockopt(descriptor, IPPROTO_IPV6, IPV6_MULTICAST_IF, &interface_index, sizeof(interface_index)) != 0)
            return -1;
        return setsockopt(descriptor, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops));
    }
    struct in_addr address = ((const struct sockaddr_in *)source)->sin_addr;
    if (setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &address, sizeof(address)) != 0) return -1;
    return setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_TTL, &time_to_live, sizeof(time_to_live));
}

int toposync_open_multicast(
    const struct sockaddr *source, socklen_t source_size, unsigned int interface_index, uint8_t time_to_live, int send_buffer) {
    int descriptor = socket(source->sa_family, SOCK_DGRAM, 0);
    if (descriptor < 0) return -errno;
    int least = 1;
    // How much the system keeps is its own choice in the end.
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof(send_buffer));
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
    if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0 || fcntl(descriptor, F_SETFL, O_NONBLOCK) != 0 ||
        set_multicast_way(descriptor, source, interface_index, time_to_live) != 0 ||
        bind(descriptor, source, source_size) != 0) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    return descriptor;
}

int64_t toposync_source_of(uint32_t destination) {
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
    if (descriptor < 0) return -errno;
    // Nothing is sent to it: the port is any.
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {.s_addr = htonl(destination)}};
    socklen_t size = sizeof(address);
    int64_t source;
    if (connect(descriptor, (struct sockaddr *)&address, size) != 0 ||
        getsockname(descriptor, (struct sockaddr *)&address, &size) != 0) {
        source = -errno;
    } else {
        source = ntohl(address.sin_addr.s_addr);
    }
    close(descriptor);
    return source;
}

int toposync_duplicate(int descriptor) {
    int duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    return duplicate < 0 ? -errno : duplicate;
}

void toposync_close(int descriptor) { close(descriptor); }

static long result(ssize_t sent) { return sent < 0 ? -errno : sent; }

#ifdef __linux__

// <linux/udp.h>, which older C libraries lack.
enum { LEVEL_UDP = 17, OPTION_UDP_SEGMENT = 103, PACKET_LIMIT = 64 };

static long send_segmented(
    int descriptor, const struct sockaddr *address, socklen_t address_size, struct iovec *parts, size_t part_count,
    uint16_t packet_size) {
    union {
        char space[CMSG_SPACE(sizeof(uint16_t))];
        struct cmsghdr alignment;
    } control = {0};
    struct msghdr message = {
        .msg_name = (void *)address,
        .msg_namelen = address_size,
        .msg_iov = parts,
        .msg_iovlen = part_count,
        .msg_control = control.space,
        .msg_controllen = sizeof(control.space),
    };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = LEVEL_UDP;
    header->cmsg_type = OPTION_UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    memcpy(CMSG_DATA(header), &packet_size, sizeof(packet_size));
    return result(sendmsg(descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL));
}

long toposync_send_datagrams(
    int descriptor, const struct sockaddr *address, socklen_t address_size, const void *bytes, size_t byte_count,
    uint16_t packet_size, size_t stride, bool segmented) {
    if (packet_size == 0 || stride < packet_size) return -EINVAL;
    if (segmented && stride == packet_size) {
        struct iovec whole = {.iov_base = (void *)bytes, .iov_len = byte_count};
        return send_segmented(descriptor, address, address_size, &whole, 1, packet_size);
    }
    struct iovec parts[PACKET_LIMIT];
    unsigned int count = 0;
    for (size_t start = 0; start < byte_count && count < PACKET_LIMIT; start += stride, count++) {
        size_t rest = byte_count - start;
        parts[count].iov_base = (char *)bytes + start;
        parts[count].iov_len = rest < packet_size ? rest : packet_size;
    }
    if (segmented) return send_segmented(descriptor, address, address_size, parts, count, packet_size);
    struct mmsghdr messages[PACKET_LIMIT];
    for (unsigned int index = 0; index < count; index++) {
        memset(&messages[index], 0, sizeof(messages[index]));
        messages[index].msg_hdr.msg_name = (void *)address;
        messages[index].msg_hdr.msg_namelen = address_size;
        messages[index].msg_hdr.msg_iov = &parts[index];
        messages[index].msg_hdr.msg_iovlen = 1;
    }
    int taken = sendmmsg(descriptor, messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken < 0) return -errno;
    long sum = 0;
    for (int index = 0; index < taken; index++) sum += (long)parts[index].iov_len;
    return sum;
}

#else

long toposync_send_datagrams(
    int descriptor, const struct sockaddr *address, socklen_t address_size, const void *bytes, size_t byte_count,
    uint16_t packet_size, size_t stride, bool segmented) {
    if (packet_size == 0 || stride < packet_size) return -EINVAL;
    // What only Linux has is refused as Linux refuses it where a network card can't do it.
    if (segmented) return -EIO;
    long sum = 0;
    for (size_t start = 0; start < byte_count; start += stride) {
        size_t rest = byte_count - start;
        size_t size = rest < packet_size ? rest : packet_size;
        long sent = result(sendto(descriptor, (const char *)bytes + start, size, MSG_DONTWAIT, address, address_size));
        if (sent < 0) return sum > 0 ? sum : sent;
        sum += sent;
    }
    return sum;
}

#endif
