/// How the address of this web server is written.
public enum ServerAddress {
    /// Where a server is reached from its own machine: one that listens on every address has loopback among them.
    public static func onThisMachine(listeningOn host: String) -> String {
        host == "0.0.0.0" || host == "::" ? "127.0.0.1" : host
    }

    /// Host and port as in a URL, with an IPv6 address in brackets (RFC 3986 §3.2.2).
    public static func authority(_ host: String, port: Int) -> String {
        "\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// The address of the pages as a user types it.
    public static func url(_ host: String, port: Int, isSecure: Bool) -> String {
        "\(isSecure ? "https" : "http")://\(authority(host, port: port))/"
    }
}
