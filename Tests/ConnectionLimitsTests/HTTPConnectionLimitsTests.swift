import HTTPTypes
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import ConnectionLimits

@Suite("An HTTP connection has its time")
struct HTTPConnectionLimitsTests {
    private let counter = ConnectionCounter("the test", total: 8, perNetwork: 1, logger: Logger(label: "test"))
    private let head = HTTPRequestPart.head(HTTPRequest(method: .post, scheme: nil, authority: "a", path: "/"))
    private let body = HTTPRequestPart.body(ByteBuffer(string: "x"))

    private func connect(
        from address: String = "192.0.2.1", proxies: [IPNetwork] = []
    ) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: HTTPConnectionLimits(counter: counter, proxies: proxies))
        // The other end of an embedded channel is what it connects to.
        try channel.connect(to: SocketAddress(ipAddress: address, port: 4711)).wait()
        return channel
    }

    private func answer(_ channel: EmbeddedChannel) throws {
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
    }

    /// Whether the connection is still there after a time.
    private func lives(_ channel: EmbeddedChannel, after time: TimeAmount) -> Bool {
        channel.embeddedEventLoop.advanceTime(by: time)
        channel.embeddedEventLoop.run()
        return channel.isActive
    }

    @Test("a client that asks nothing is let go, and makes room")
    func silence() throws {
        let channel = try connect()
        #expect(lives(channel, after: .seconds(9)) && counter.count == 1)
        #expect(!lives(channel, after: .seconds(1)) && counter.count == 0)
    }

    @Test("a proxy stands for many clients, and has as many connections as there is room for")
    func proxy() throws {
        let proxies = [try #require(IPNetwork("192.0.2.0/24"))]
        let connections = try (0..<8).map { _ in try connect(proxies: proxies) }
        #expect(connections.allSatisfy(\.isActive) && counter.count == 8)
        #expect(try !connect(proxies: proxies).isActive)
    }

    @Test("a client with too many connections gets no other one")
    func number() throws {
        let first = try connect()
        let second = try connect()
        #expect(first.isActive && !second.isActive)
        let other = try connect(from: "192.0.2.2")
        #expect(other.isActive && counter.count == 2)
    }

    @Test("a request whose texts would take long to compare is not read, nor what comes behind it")
    func marks() throws {
        let marks = String(repeating: "\u{0345}\u{0300}", count: 20)
        let requests = [
            HTTPRequest(method: .get, scheme: nil, authority: "a", path: "/" + marks),
            HTTPRequest(method: .get, scheme: nil, authority: marks, path: "/"),
            HTTPRequest(method: .get, scheme: nil, authority: "a", path: "/", headerFields: [.cookie: "a=" + marks]),
        ]
        for request in requests {
            let channel = try connect()
            try channel.writeInbound(HTTPRequestPart.head(request))
            try channel.writeInbound(HTTPRequestPart.end(nil))
            #expect(!lives(channel, after: .zero) && counter.count == 0)
            #expect(try channel.readInbound(as: HTTPRequestPart.self) == nil)
        }
        let channel = try connect()
        let name = HTTPRequest(
            method: .get, scheme: nil, authority: "a", path: "/",
            headerFields: [HTTPField.Name("x-remote-user-display-name")!: "Zoë"])
        try channel.writeInbound(HTTPRequestPart.head(name))
        #expect(try channel.readInbound(as: HTTPRequestPart.self) == .head(name))
    }

    @Test("a body that drips has thirty seconds in all, however often a byte comes")
    func drippingBody() throws {
        let channel = try connect()
        try channel.writeInbound(head)
        for _ in 0..<5 {
            #expect(lives(channel, after: .seconds(5)))
            try channel.writeInbound(body)
        }
        #expect(!lives(channel, after: .seconds(5)))
    }

    @Test("a long body has its time for each two megabytes")
    func longBody() throws {
        let channel = try connect()
        try channel.writeInbound(head)
        let piece = HTTPRequestPart.body(ByteBuffer(repeating: 0, count: 1 << 20))
        for _ in 0..<6 {
            #expect(lives(channel, after: .seconds(14)))
            try channel.writeInbound(piece)
        }
        #expect(lives(channel, after: .seconds(29)))
        #expect(!lives(channel, after: .seconds(1)))
    }

    @Test("an answer takes as long as it takes, and the next request a minute")
    func answers() throws {
        let channel = try connect()
        try channel.writeInbound(head)
        try channel.writeInbound(HTTPRequestPart.end(nil))
        #expect(lives(channel, after: .minutes(5)))
        try answer(channel)
        #expect(lives(channel, after: .seconds(59)))
        #expect(!lives(channel, after: .seconds(1)))
    }

    @Test("an answer that comes before the end of the body leaves the body its limit")
    func earlyAnswer() throws {
        let channel = try connect()
        try channel.writeInbound(head)
        try answer(channel)
        #expect(lives(channel, after: .seconds(29)))
        #expect(!lives(channel, after: .seconds(1)))
    }

    @Test("a client that does not read is let go, one that reads again is not")
    func slowReader() throws {
        let channel = try connect()
        try channel.writeInbound(head)
        try channel.writeInbound(HTTPRequestPart.end(nil))
        func set(isWritable: Bool) {
            channel.isWritable = isWritable
            channel.pipeline.fireChannelWritabilityChanged()
        }
        set(isWritable: false)
        #expect(lives(channel, after: .seconds(29)))
        set(isWritable: true)
        #expect(lives(channel, after: .seconds(60)))
        set(isWritable: false)
        #expect(!lives(channel, after: .seconds(30)))
    }

    @Test("a client that does not take a small answer is let go, one that takes it is not")
    func untakenAnswer() throws {
        for isTaken in [false, true] {
            let channel = try connect()
            try channel.writeInbound(head)
            try channel.writeInbound(HTTPRequestPart.end(nil))
            channel.write(HTTPResponsePart.head(HTTPResponse(status: .ok)), promise: nil)
            channel.write(HTTPResponsePart.end(nil), promise: nil)
            #expect(lives(channel, after: .seconds(29)))
            // What is not flushed is what nobody takes.
            if isTaken { channel.flush() }
            #expect(lives(channel, after: .seconds(1)) == isTaken)
            #expect(lives(channel, after: .seconds(27)) == isTaken)
            if isTaken { try channel.close().wait() }
        }
    }

    @Test("a client that goes on asking and takes no answer is let go")
    func untakenAnswers() throws {
        let channel = try connect()
        for _ in 0..<3 {
            try channel.writeInbound(head)
            try channel.writeInbound(HTTPRequestPart.end(nil))
            channel.write(HTTPResponsePart.end(nil), promise: nil)
            #expect(lives(channel, after: .seconds(9)))
        }
        #expect(!lives(channel, after: .seconds(3)))
    }

    @Test("a client that takes one answer after the other has its time for each")
    func takenAnswers() throws {
        let channel = try connect()
        for _ in 0..<3 {
            try channel.writeInbound(head)
            try channel.writeInbound(HTTPRequestPart.end(nil))
            channel.write(HTTPResponsePart.end(nil), promise: nil)
            #expect(lives(channel, after: .seconds(29)))
            channel.flush()
        }
        // Beyond what the last answer had; an idle connection has a minute since it was made.
        #expect(lives(channel, after: .seconds(30)))
        try channel.close().wait()
    }

    @Test("when the server stops, a request that is half sent has two seconds more")
    func stop() throws {
        let channel = try connect()
        try channel.writeInbound(head)
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(lives(channel, after: .seconds(1)))
        #expect(!lives(channel, after: .seconds(1)))
    }
}
