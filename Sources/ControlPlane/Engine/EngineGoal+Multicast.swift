import ConnectionLimits
import StreamModel

extension EngineGoal {
    /// Whether an engine sends by multicast. It reaches whole networks, so it is nothing for one that is for this machine alone. The
    /// built-in engine sends no stream so that has a password; MediaMTX asks for it and sends to everybody then, so with it no
    /// stream may have one. MediaMTX knows groups of IPv4 alone.
    func usesMulticast(by engine: EngineKind) -> Bool {
        let isSent = settings.multicast.enabled && settings.exposeToLAN
        guard engine == .mediamtx else { return isSent }
        return isSent && !hasPasswords && hasIPv4Groups
    }

    private var hasIPv4Groups: Bool { MulticastRange(settings.multicast.range)?.isIPv4 ?? true }

    private var hasPasswords: Bool {
        transmissions.contains { transmission in transmission.readers.values.contains { $0 != nil } }
    }

    /// What the user should know of what is not sent by multicast, or otherwise than the settings say.
    ///
    /// - Parameters:
    ///   - engine: that which runs; nil when none does.
    ///   - hasInterface: whether this machine has a network interface of a name or an address, and that an address of the kind.
    func multicastWarnings(
        by engine: EngineKind?,
        hasInterface: (String, _ isIPv4: Bool) -> Bool = { InterfaceAddress(ofInterface: $0, isIPv4: $1) != nil }
    ) -> [CodedMessage] {
        let multicast = settings.multicast
        guard multicast.enabled else { return [] }
        guard settings.exposeToLAN else {
            return [
                CodedMessage(
                    "multicast_not_exposed",
                    "Nothing is sent by multicast, because the engine is not reachable from the network.")
            ]
        }
        if engine == .mediamtx {
            if hasPasswords {
                return [
                    CodedMessage(
                        "multicast_with_password",
                        "MediaMTX sends nothing by multicast while an output has a password, because everybody on the network "
                            + "could then read that output too. The built-in engine sends the others.")
                ]
            }
            guard hasIPv4Groups else {
                return [
                    CodedMessage(
                        "multicast_ipv6_by_mediamtx",
                        "MediaMTX sends nothing to multicast groups of IPv6. Choose groups of IPv4, or the built-in engine."
                    )
                ]
            }
            return [
                CodedMessage(
                    "multicast_by_mediamtx",
                    "MediaMTX sends by multicast on all network interfaces, across up to 16 networks and for viewers of any "
                        + "source, and announces nothing, whatever the settings say. The built-in engine follows them.")
            ]
        }
        guard !multicast.interface.isEmpty, !hasInterface(multicast.interface, hasIPv4Groups) else { return [] }
        let family = hasIPv4Groups ? "IPv4" : "IPv6"
        return [
            CodedMessage(
                "multicast_no_interface",
                "Nothing can be sent by multicast: this machine has no network interface '\(multicast.interface)' with an "
                    + "\(family) address.", ["interface": .string(multicast.interface), "family": .string(family)])
        ]
    }
}
