/// The host and the port of a URL (RFC 3986 §3.2), as a `Host` header and a listener have them too.
public enum URLAuthority {
    /// A name or an address: of IPv6 in brackets (§3.2.2), also where it has them already.
    public static func host(_ host: String) -> String {
        host.utf8.contains(UInt8(ascii: ":")) && !host.hasPrefix("[") ? "[\(host)]" : host
    }

    public static func text(_ host: String, port: some BinaryInteger) -> String { "\(Self.host(host)):\(port)" }
}
