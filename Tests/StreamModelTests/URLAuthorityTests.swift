import StreamModel
import Testing

@Suite struct URLAuthorityTests {
    /// RFC 3986 §3.2.2.
    @Test(arguments: [
        ("192.0.2.16", "192.0.2.16:80"), ("camera.local", "camera.local:80"), ("2001:db8::7", "[2001:db8::7]:80"),
        ("::1", "[::1]:80"), ("[::1]", "[::1]:80"), ("", ":80"),
    ])
    func addressesOfIPv6HaveBrackets(host: String, expected: String) {
        #expect(URLAuthority.text(host, port: 80) == expected)
        #expect(URLAuthority.host(host) + ":80" == expected)
    }
}
