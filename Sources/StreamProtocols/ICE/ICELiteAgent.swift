/// The side of ICE that only answers (RFC 8445 §2.5, "lite"): its peer tries our candidates and chooses among them, and where the
/// peer is reached is seen from its checks.
public struct ICELiteAgent: Sendable {
    /// Nobody is sent anything so long after the last check (RFC 7675 §5.1).
    public static let consentTimeout: Duration = .seconds(30)
    /// Addresses that a peer may have proven to have: browsers use one for each network and family.
    public static let addressLimit = 8
    /// Browsers check every 2 to 6 seconds. When the chosen address is silent for longer and another one is not, then a router
    /// has given the peer another address, which the peer does not know.
    static let silenceLimit: Duration = .seconds(10)

    /// What a check leads to.
    public struct Outcome: Sendable, Equatable {
        /// To be sent to where the check came from. It is the only thing that an unproven address is ever sent, and not much
        /// longer than the check.
        public var response: [UInt8]?
        /// The check's source, when it has proven itself for the first time: what comes from it is of this session.
        public var added: TransportAddress?
        /// No longer of this session, because more than ``addressLimit`` came.
        public var removed: TransportAddress?
        /// Where everything is sent from now on; nil when that stays.
        public var selected: TransportAddress?
    }

    public let local: ICECredentials
    private let username: String
    /// The longest silent first.
    private var peers: [(address: TransportAddress, lastCheck: Duration)] = []
    /// Where everything is sent: the first address that proved itself, then the one that the peer nominated or reported by last.
    /// nil before.
    public private(set) var selectedAddress: TransportAddress?
    /// The session has ended when this has passed without a check, and without media.
    public private(set) var consentDeadline: Duration

    /// - Parameter now: on any clock that only goes forward.
    public init(local: ICECredentials, remoteUsernameFragment: String, at now: Duration) {
        self.local = local
        username = "\(local.usernameFragment):\(remoteUsernameFragment)"
        consentDeadline = now + Self.consentTimeout
    }

    /// Takes a message that came from an address.
    public mutating func receive(
        _ message: STUNMessage, from source: TransportAddress, at now: Duration
    ) -> Outcome {
        // Indications keep a path open and want nothing (RFC 8445 §11); responses answer nothing of ours.
        guard message.isBindingRequest else { return Outcome() }
        func outcome(_ content: STUNResponse.Content, isAuthentic: Bool = true) -> Outcome {
            let response = STUNResponse(
                content: content, transactionID: message.transactionID, password: isAuthentic ? local.password : nil)
            return Outcome(response: response.serialized())
        }
        // RFC 8489 §9.1.3
        guard message.hasIntegrity, let sender = message.username else {
            return outcome(.failure(code: 400, reason: "Bad Request"), isAuthentic: false)
        }
        guard sender == username, message.isAuthentic(password: local.password) else {
            return outcome(.failure(code: 401, reason: "Unauthenticated"), isAuthentic: false)
        }
        guard message.unknownAttributes.isEmpty else {
            return outcome(
                .failure(
                    code: 420, reason: "Unknown Attribute", unknownAttributes: message.unknownAttributes))
        }
        // RFC 8445 §7.1.1: it is in every check.
        guard message.hasPriority else { return outcome(.failure(code: 400, reason: "Bad Request")) }
        // §6.1.1: whoever is lite is controlled; the peer takes the other role when it hears this (§7.2.5.1).
        guard !message.isFromControlled else { return outcome(.failure(code: 487, reason: "Role Conflict")) }

        var result = outcome(.success(source))
        prove(source, at: now, &result)
        select(source, isNominated: message.usesCandidate, at: now, &result)
        return result
    }

    /// Takes note that the peer has sent a report on media from an address, which was authentic.
    ///
    /// - Returns: where everything is sent from now on; nil when that stays.
    public mutating func receivedReport(from source: TransportAddress) -> TransportAddress? {
        // RFC 8445 §12.1: a peer sends by the way that it has chosen. Where a router has given it another address it does not
        // know, and nominates nothing.
        guard source != selectedAddress, peers.contains(where: { $0.address == source }) else { return nil }
        selectedAddress = source
        return source
    }

    /// Takes note that media has come, which was authentic: whoever sends it is there. Some check no more while they send.
    public mutating func receivedMedia(at now: Duration) {
        consentDeadline = max(consentDeadline, now + Self.consentTimeout)
    }

    private mutating func prove(_ source: TransportAddress, at now: Duration, _ outcome: inout Outcome) {
        consentDeadline = max(consentDeadline, now + Self.consentTimeout)
        if let index = peers.firstIndex(where: { $0.address == source }) {
            peers.remove(at: index)
        } else {
            outcome.added = source
            if peers.count >= Self.addressLimit,
                let index = peers.firstIndex(where: { $0.address != selectedAddress })
            {
                outcome.removed = peers.remove(at: index).address
            }
        }
        peers.append((source, now))
    }

    private mutating func select(
        _ source: TransportAddress, isNominated: Bool, at now: Duration, _ outcome: inout Outcome
    ) {
        guard source != selectedAddress else { return }
        let isSilent =
            peers.first { $0.address == selectedAddress }.map { $0.lastCheck + Self.silenceLimit <= now } ?? true
        guard isNominated || isSilent else { return }
        selectedAddress = source
        outcome.selected = source
    }
}
