import StreamModel
import StreamProtocols

/// Where one stream goes by multicast.
struct MulticastPlace: Equatable {
    var group: IPAddress
    /// Of this machine: where the packets come from.
    var source: IPAddress
    var isSourceSpecific: Bool
    var timeToLive: UInt8
    /// Of the first track.
    var firstPorts: RTSPTransport.PortPair

    /// Two for each track, so that a viewer whose sockets hear all groups of a port gets one track by each.
    func ports(ofTrack track: Int) -> RTSPTransport.PortPair? {
        guard let rtp = UInt16(exactly: Int(firstPorts.rtp) + 2 * track),
            let rtcp = UInt16(exactly: Int(firstPorts.rtcp) + 2 * track)
        else { return nil }
        return RTSPTransport.PortPair(rtp: rtp, rtcp: rtcp)
    }

    /// What SETUP answers (RFC 2326 §12.39); an SSRC is of unicast alone there.
    func transport(ofTrack track: Int) -> RTSPTransport {
        RTSPTransport(
            lowerTransport: .udp, delivery: .multicast, port: ports(ofTrack: track), source: source.description,
            destination: group.description, ttl: timeToLive)
    }

    /// A stream's description as that of a group: where it is sent (RFC 2326 §C.1.7, RFC 4566 §5.7), and from where where that
    /// matters (RFC 4570).
    func description(of stream: SessionDescription) -> SessionDescription {
        var description = stream
        // Of IPv6 the scope of the group says how far it goes.
        description.connection = "IN \(addressType) \(group)" + (group.isIPv4 ? "/\(timeToLive)" : "")
        if isSourceSpecific {
            // The space is the RFC's.
            description.attributes.append(
                SDPAttribute("source-filter", " incl IN \(addressType) \(group) \(source)"))
        }
        for track in description.media.indices {
            description.media[track].port = ports(ofTrack: track)?.rtp ?? 0
        }
        return description
    }

    /// A stream's description as it is announced to a network, which knows nothing else of it: with an origin that is as good as
    /// that of no other stream (RFC 4566 §5.2), as something to look at alone (§6), and without what belongs to RTSP.
    func announcement(of stream: SessionDescription) -> SessionDescription {
        var result = description(of: stream)
        result.origin = SessionDescription.Origin(
            sessionID: String(FNV1a.hash(stream.name.utf8)), addressType: addressType, address: source.description)
        result.attributes.removeAll { Self.rtspAttributes.contains($0.name) }
        for attribute in [SDPAttribute("type", "broadcast"), SDPAttribute("recvonly")]
        where !result.attributes.contains(attribute) {
            result.attributes.append(attribute)
        }
        for track in result.media.indices {
            result.media[track].attributes.removeAll { Self.rtspAttributes.contains($0.name) }
        }
        return result
    }

    /// Of group and source (RFC 4566 §8.2.7).
    private var addressType: String { group.isIPv4 ? "IP4" : "IP6" }

    /// RFC 2326 §C.1.
    private static let rtspAttributes: Set = ["control", "range"]
}
