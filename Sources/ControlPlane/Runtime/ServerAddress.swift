import StreamModel

/// How the address of this web server is written.
public enum ServerAddress {
    /// Where a server is reached from its own machine: one that listens on every address has loopback among them.
    public static func onThisMachine(listeningOn host: String) -> String {
        host == "0.0.0.0" || host == "::" ? "127.0.0.1" : host
    }

    /// The address of the pages as a user types it.
    public static func url(_ host: String, port: Int, isSecure: Bool) -> String {
        "\(isSecure ? "https" : "http")://\(URLAuthority.text(host, port: port))/"
    }
}
