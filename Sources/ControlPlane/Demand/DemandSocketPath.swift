/// Where the socket is that the engine's hooks connect to.
enum DemandSocketPath {
    /// Bytes of a socket's path at most: `sun_path` less its terminator on macOS, the smaller of the systems.
    static let limit = 103

    /// `<runtime>/demand.sock`, or a path in a folder of its own under `/tmp` when that is too long. The folder exists then
    /// and is only for this user.
    static func choose(runtime: String) throws(StartupError) -> String {
        let preferred = runtime + "/demand.sock"
        if preferred.utf8.count <= limit { return preferred }
        guard let folder = PrivateFolder.make(for: runtime) else {
            throw StartupError(
                "The path \(preferred) is too long for a socket, and the folder \(PrivateFolder.path(for: runtime)) can't be used instead. Choose a shorter "
                    + "data directory with --data-dir.")
        }
        return folder + "/demand.sock"
    }
}
