import ConnectionLimits
import HTTPTypes
import StreamModel
import Testing

@testable import WebServer

@Suite("Reverse proxies that are believed")
struct TrustedProxiesTests {
    private let proxies: TrustedProxies

    init() throws { proxies = try TrustedProxies(parsing: "10.0.0.1, 10.0.1.0/24,fd00::/8") }

    private func origin(_ fields: HTTPFields, from peer: String = "10.0.0.1", isSecure: Bool = false) -> RequestOrigin {
        var request = HTTPRequest(method: .get, scheme: "http", authority: "shed", path: "/")
        request.headerFields = fields
        return proxies.origin(of: request, peer: IPAddress(peer), isSecure: isSecure)
    }

    @Test(
        "The client is the last address that none of our proxies has",
        arguments: [
            ("203.0.113.9", "203.0.113.9"), ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
            ("203.0.113.9, 10.0.1.77", "203.0.113.9"), ("1.2.3.4, 203.0.113.9, 10.0.1.77 ,fd00::1", "203.0.113.9"),
            ("203.0.113.9:4711", "203.0.113.9"), ("[2001:db8::1]:4711", "2001:db8::1"), ("2001:db8::1", "2001:db8::1"),
            // All are proxies, so the first is the client.
            ("10.0.1.3, 10.0.1.4", "10.0.1.3"),
            // What can't be read may have been made up, and so may all that stands before it.
            ("203.0.113.9, unknown", "10.0.0.1"), ("203.0.113.9, None, 10.0.1.4", "10.0.1.4"), ("", "10.0.0.1"),
            (",,,", "10.0.0.1"), ("203.0.113.9,", "203.0.113.9"),
        ])
    func client(forwardedFor: String, address: String) {
        #expect(origin([.forwardedFor: forwardedFor]).address == address)
    }

    @Test("A header field on several lines is one list")
    func lines() {
        var fields = HTTPFields()
        fields.append(HTTPField(name: .forwardedFor, value: "203.0.113.9"))
        fields.append(HTTPField(name: .forwardedFor, value: "10.0.1.4"))
        #expect(origin(fields).address == "203.0.113.9")
    }

    @Test("A list without end is followed for some hops only")
    func bounded() {
        let list = (["203.0.113.9"] + Array(repeating: "10.0.1.4", count: 5000)).joined(separator: ",")
        #expect(origin([.forwardedFor: list]).address == "10.0.1.4")
    }

    @Test(
        "The scheme is the client's",
        arguments: [("https", true), ("HTTPS, http", true), ("http", false), ("ws", false)])
    func scheme(proto: String, isSecure: Bool) {
        #expect(origin([.forwardedProto: proto]).isSecure == isSecure)
    }

    @Test("A proxy that says nothing of the scheme leaves that of its connection")
    func schemeOfTheConnection() {
        #expect(origin([:], isSecure: true).isSecure)
        #expect(!origin([.forwardedProto: "http"], isSecure: true).isSecure)
    }

    @Test("Of others nothing is believed", arguments: ["10.0.0.2", "127.0.0.1", "203.0.113.7"])
    func others(peer: String) {
        let fields: HTTPFields = [.forwardedFor: "1.2.3.4", .forwardedProto: "https", .forwardedHost: "barn.lan"]
        #expect(origin(fields, from: peer) == RequestOrigin(address: peer))
    }

    @Test("A list with something else in it is none", arguments: ["proxy.lan", "10.0.0.0/33", "10.0.0.1 10.0.0.2"])
    func badLists(text: String) {
        #expect(throws: TrustedProxies.BadEntry.self) { try TrustedProxies(parsing: "10.0.0.1," + text) }
    }
}
