import Crypto
import Foundation

/// Where the socket is that the engine's hooks connect to.
enum DemandSocketPath {
    /// Bytes of a socket's path at most: `sun_path` less its terminator on macOS, the smaller of the systems.
    static let limit = 103

    /// `<runtime>/demand.sock`, or a path in a folder of its own under `/tmp` when that is too long. The folder exists then
    /// and is only for this user.
    static func choose(runtime: String) throws(StartupError) -> String {
        let preferred = runtime + "/demand.sock"
        if preferred.utf8.count <= limit { return preferred }
        let hash = SHA256.hash(data: Data(runtime.utf8)).prefix(6).map {
            String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
        }
        let folder = "/tmp/toposync-\(getuid())-\(hash.joined())"
        mkdir(folder, 0o700)
        var info = stat()
        // Anybody may make folders in /tmp, so it is used only when it is a real folder, ours and closed to others.
        guard lstat(folder, &info) == 0, info.st_mode & S_IFMT == S_IFDIR, info.st_uid == getuid(),
            info.st_mode & 0o077 == 0
        else {
            throw StartupError(
                "The path \(preferred) is too long for a socket, and the folder \(folder) can't be used instead. Choose a shorter "
                    + "data directory with --data-dir.")
        }
        return folder + "/demand.sock"
    }
}
