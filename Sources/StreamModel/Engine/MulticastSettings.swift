/// Whether and how the engine also sends streams by multicast: once for all viewers of a network, by RTSP.
public struct MulticastSettings: Hashable, Sendable {
    public var enabled = false
    /// The groups to choose from, one for each stream that somebody reads so.
    ///
    /// Those of a site (RFC 2365 §6.1) by default, and none whose Ethernet address a protocol of `224.0.0.0/24` has as well.
    public var range = "239.255.42.0/24"
    /// Networks that packets cross, the first included: 1 keeps them in it.
    public var ttl = 1
    /// Even: of the first track's RTP; its RTCP has the next one, and further tracks the ones that follow.
    public var port = 5004
    /// Whether viewers are told to take packets of this machine alone (RFC 4607).
    public var sourceSpecific = false
    /// The name or an address of the network interface that packets leave by; empty is the one that the system takes, which it
    /// does for groups of IPv4 alone.
    public var interface = ""
    /// Whether streams that run are announced by SAP (RFC 2974), and sent to their groups for whoever plays by that.
    public var announce = false

    static let ttlRange = 1...255
    /// Up to that of the last track of a stream with as many as there may be.
    static let portRange = 1024...65504

    public init() {}

    init(reading reader: ObjectReader) {
        let defaults = MulticastSettings()
        enabled = reader.bool("enabled", default: defaults.enabled)
        range = reader.string("range", default: defaults.range).trimmed
        ttl = reader.integer("ttl", in: Self.ttlRange, default: defaults.ttl)
        port = reader.integer("port", in: Self.portRange, default: defaults.port)
        sourceSpecific = reader.bool("source_specific", default: defaults.sourceSpecific)
        interface = reader.string("interface", default: defaults.interface).trimmed
        announce = reader.bool("announce", default: defaults.announce)
        reader.forbidUnknownMembers()
        if let problem = rangeProblem { reader.report(problem, at: "range") }
        if port % 2 != 0 {
            reader.report(
                CodedMessage("multicast_port_odd", "Choose an even port: the next one is that of the reports."),
                at: "port")
        }
        if !isInterface {
            reader.report(
                CodedMessage(
                    "multicast_interface_wrong",
                    "Write the name of a network interface, such as eth0, or its address."),
                at: "interface")
        } else if interface.isEmpty, MulticastRange(range)?.isIPv4 == false {
            reader.report(
                CodedMessage(
                    "multicast_interface_missing",
                    "Groups of IPv6 need the network interface that they are sent by: write its name, such as eth0."),
                at: "interface")
        }
    }

    /// What is wrong with the range, as a sentence. Routers and viewers treat source-specific groups as such by their address.
    private var rangeProblem: CodedMessage? {
        guard let groups = MulticastRange(range) else {
            return CodedMessage(
                "multicast_range_wrong",
                "Write the groups as a range of multicast addresses that belong to no protocol, such as 239.255.42.0/24 or "
                    + "ff15::c242:0/112.")
        }
        if sourceSpecific, !groups.isSourceSpecific {
            return CodedMessage(
                "multicast_range_any_source",
                "Source-specific groups are those of 232.0.0.0/8 and ff3x::/32. Choose a range of them, such as "
                    + "232.255.42.0/24.")
        }
        if !sourceSpecific, groups.hasSourceSpecific {
            return CodedMessage(
                "multicast_range_one_source",
                "Groups of 232.0.0.0/8 and ff3x::/32 are source-specific. Choose others, such as 239.255.42.0/24, or switch "
                    + "that on.")
        }
        return nil
    }

    private var isInterface: Bool {
        interface.utf8.count <= 64
            && interface.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._:@".contains($0)) }
    }

    var json: JSONValue {
        [
            "enabled": .bool(enabled), "range": .string(range), "ttl": .integer(ttl), "port": .integer(port),
            "source_specific": .bool(sourceSpecific), "interface": .string(interface),
            "announce": .bool(announce),
        ]
    }
}
