import TestSupport
import Testing

@testable import StreamProtocols

@Suite struct ICELiteAgentTests {
    static let local = ICECredentials(usernameFragment: "evtj", password: "VOkJxbRl1RmTxUk/WvJxBt")
    /// RFC 5769 §2.2
    static let source = TransportAddress(bits: 0xFFFF_C000_0201, port: 32_853)
    static let other = TransportAddress(bits: 0xFFFF_C000_0202, port: 1)

    private var agent = ICELiteAgent(local: local, remoteUsernameFragment: "h6vY", at: .zero)

    private mutating func receive(
        _ check: STUNCheck = .init(username: "evtj:h6vY", password: local.password),
        from source: TransportAddress = source, at now: Duration = .seconds(1)
    ) throws -> ICELiteAgent.Outcome {
        agent.receive(try STUNMessage(parsing: check.serialized()[...]), from: source, at: now)
    }

    private func nominated() -> STUNCheck {
        STUNCheck(username: "evtj:h6vY", password: Self.local.password, isNominated: true)
    }

    /// RFC 5769 §2.2 and §2.3 have the mapped addresses; the transaction is theirs.
    @Test(arguments: [
        (source, "0001a147e112a643"),
        (
            TransportAddress(bits: 0x2001_0DB8_1234_5678_0011_2233_4455_6677, port: 32_853),
            "0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
        ),
    ])
    mutating func answersWhereACheckCameFrom(source: TransportAddress, mapped: String) throws {
        var check = nominated()
        check.transactionID = hexBytes("b7e7a701bc34d686fa87dfae")
        let outcome = try receive(check, from: source)
        let response = try #require(outcome.response)
        let answer = try #require(STUNAnswer(response))
        #expect(answer.type == 0x0101)
        #expect(answer.transactionID == check.transactionID)
        #expect(answer.attributes[0x0020] == hexBytes(mapped))
        #expect(answer.isAuthentic(password: Self.local.password))
        #expect(outcome.added == source && outcome.selected == source && outcome.removed == nil)
        #expect(agent.selectedAddress == source)
    }

    /// Nothing changes by what is not authentic, and the answer of a stranger carries nothing made with the password.
    @Test(arguments: [
        (STUNCheck(username: "evtj:h6vY", password: "guessed"), 401, false),
        (STUNCheck(username: "evtj:xxxx", password: local.password), 401, false),
        (STUNCheck(username: "evtj", password: local.password), 401, false),
        (STUNCheck(transactionID: [UInt8](1...12), attributes: [], password: nil), 400, false),
        (
            STUNCheck(
                transactionID: [UInt8](1...12), attributes: [(6, [UInt8]("evtj:h6vY".utf8))], password: nil), 400, false
        ),
        // Without PRIORITY; with the role of the other side (RFC 8445 §7.3.1.1); with something that must be understood.
        (
            STUNCheck(
                transactionID: [UInt8](1...12), attributes: [(6, [UInt8]("evtj:h6vY".utf8))],
                password: local.password), 400, true
        ),
        (
            STUNCheck(
                transactionID: [UInt8](1...12),
                attributes: [
                    (6, [UInt8]("evtj:h6vY".utf8)), (0x24, [0, 0, 0, 1]), (0x8029, [0, 0, 0, 0, 0, 0, 0, 1]),
                ], password: local.password), 487, true
        ),
        (
            STUNCheck(
                transactionID: [UInt8](1...12), attributes: [(6, [UInt8]("evtj:h6vY".utf8)), (0x7FFF, [])],
                password: local.password), 420, true
        ),
    ])
    mutating func refuses(check: STUNCheck, code: Int, isAuthentic: Bool) throws {
        let outcome = try receive(check)
        let response = try #require(outcome.response)
        let answer = try #require(STUNAnswer(response))
        #expect(answer.type == 0x0111)
        #expect(answer.errorCode == code)
        #expect(answer.isAuthentic(password: Self.local.password) == isAuthentic)
        #expect(answer.attributes[0x000A] == (code == 420 ? [0x7F, 0xFF] : nil))
        #expect(outcome.added == nil && outcome.selected == nil && agent.selectedAddress == nil)
        #expect(agent.consentDeadline == ICELiteAgent.consentTimeout)
        #expect(response.count <= check.serialized().count + 64)
    }

    /// The request of the standard says that its sender is controlled.
    @Test mutating func refusesTheStandardsRequestForItsRole() throws {
        let message = try STUNMessage(parsing: STUNMessageTests.request[...])
        let outcome = agent.receive(message, from: Self.source, at: .zero)
        #expect(STUNAnswer(outcome.response ?? [])?.errorCode == 487)
    }

    @Test mutating func answersRequestsAlone() throws {
        for type in ["0011", "0101", "0111", "0002"] {
            var bytes = STUNCheck(transactionID: [UInt8](1...12), attributes: [], password: nil).serialized()
            bytes.removeLast(8)
            bytes.replaceSubrange(0..<4, with: hexBytes(type + "0000"))
            let outcome = agent.receive(try STUNMessage(parsing: bytes[...]), from: Self.source, at: .zero)
            #expect(outcome == .init())
        }
    }

    /// The first address is used at once; the peer's choice replaces it, and its later choice that.
    @Test mutating func followsNominations() throws {
        #expect(try receive().selected == Self.source)
        #expect(try receive(from: Self.other).selected == nil)
        #expect(try receive(nominated(), from: Self.other).selected == Self.other)
        #expect(try receive(nominated(), from: Self.other).selected == nil)
        #expect(try receive(nominated()).selected == Self.source)
        #expect(try receive().added == nil)
        #expect(agent.selectedAddress == Self.source)
    }

    /// A router that gives the peer another address does not tell the peer, whose checks nominate nothing again.
    @Test mutating func followsAPeerWhoseAddressChanged() throws {
        _ = try receive(nominated(), at: .seconds(1))
        #expect(try receive(from: Self.other, at: .seconds(10.9)).selected == nil)
        #expect(try receive(from: Self.other, at: .seconds(11)).selected == Self.other)
    }

    /// What it reports on media comes by the way that it has chosen, and sooner than silence tells.
    @Test mutating func followsAPeersReports() throws {
        #expect(agent.receivedReport(from: Self.other) == nil)
        _ = try receive(nominated())
        // Nobody has proven to be there.
        #expect(agent.receivedReport(from: Self.other) == nil)
        #expect(agent.selectedAddress == Self.source)
        _ = try receive(from: Self.other)
        #expect(agent.receivedReport(from: Self.source) == nil)
        #expect(agent.receivedReport(from: Self.other) == Self.other)
        #expect(agent.selectedAddress == Self.other)
        #expect(agent.receivedReport(from: Self.other) == nil)
    }

    @Test mutating func consentLastsHalfAMinute() throws {
        #expect(agent.consentDeadline == .seconds(30))
        _ = try receive(at: .seconds(7))
        #expect(agent.consentDeadline == .seconds(37))
        // Media tells as much: some who send check no more.
        agent.receivedMedia(at: .seconds(20))
        #expect(agent.consentDeadline == .seconds(50))
    }

    @Test mutating func remembersAFewAddresses() throws {
        var removed: [TransportAddress] = []
        for port in UInt16(1)...UInt16(ICELiteAgent.addressLimit + 2) {
            let outcome = try receive(from: TransportAddress(bits: 0xFFFF_0000_0001, port: port))
            #expect(outcome.added?.port == port)
            if let address = outcome.removed { removed.append(address) }
        }
        // The first is in use.
        #expect(removed.map(\.port) == [2, 3])
    }

    @Test func credentialsAreNewAndHidden() {
        let (one, two) = (ICECredentials.random(), ICECredentials.random())
        #expect(one != two)
        #expect(one.usernameFragment.utf8.count == 8 && one.password.utf8.count == 24)
        #expect(!"\(one)".contains(one.password))
    }
}

@Suite struct ICECandidateTests {
    /// RFC 8445 §5.1.2.1; 2130706431 is what every host candidate of one address has.
    @Test func hasThePriorityOfTheStandard() {
        let address = TransportAddress(bits: 0xFFFF_C0A8_0102, port: 8189)
        let candidate = ICECandidate(address: address, transport: .udp, rank: 0)
        #expect(candidate.priority == 2_130_706_431)
        #expect(candidate.attributeValue.hasSuffix(" 1 udp 2130706431 192.168.1.2 8189 typ host"))
        let next = ICECandidate(address: address, transport: .udp, rank: 1)
        #expect(next.priority == 2_130_706_175)
        let tcp = ICECandidate(address: address, transport: .tcpPassive, rank: 0)
        #expect(tcp.attributeValue.hasSuffix(" 1 tcp \(tcp.priority) 192.168.1.2 8189 typ host tcptype passive"))
        #expect(tcp.priority < ICECandidate(address: address, transport: .udp, rank: .max).priority)
        #expect(tcp.attributeValue.prefix { $0 != " " } != candidate.attributeValue.prefix { $0 != " " })
    }

    @Test func writesAddresses() {
        let address = TransportAddress(bits: 0xFD00 << 112 | 1, port: 5)
        #expect("\(address)" == "[fd00::1]:5")
        #expect(ICECandidate(address: address, transport: .udp, rank: 0).attributeValue.contains(" fd00::1 5 typ"))
        #expect("\(TransportAddress(bits: 0xFFFF_7F00_0001, port: 80))" == "127.0.0.1:80")
    }
}
