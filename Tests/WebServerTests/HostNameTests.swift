import Testing
import WebSecurity

@Suite("Host names of requests")
struct HostNameTests {
    @Test(
        "authorities (RFC 3986, 3.2.2)",
        arguments: [
            ("127.0.0.1:8100", "127.0.0.1", true), ("localhost", "localhost", false), ("[::1]:80", "::1", true),
            ("Server.Local:8123", "server.local", false), ("[fe80::1]", "fe80::1", true),
            ("256.1.1.1", "256.1.1.1", false),
        ])
    func authorities(text: String, name: String, isAddress: Bool) {
        let host = HostName(authority: text)
        #expect(host?.name == name)
        #expect(host?.isAddress == isAddress)
    }

    @Test(
        "what is no authority",
        arguments: [nil, "", ":80", "a b", "a:b", "a:99999", "[::1", "[::1]x", "u@h", "h/p", "[evil.com]:80", "é.com"])
    func malformed(text: String?) {
        #expect(HostName(authority: text) == nil)
    }
}
