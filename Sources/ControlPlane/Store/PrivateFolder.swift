import Crypto
import Foundation
import StreamModel

/// A folder under `/tmp` that is only for this user, for what can't be in the data directory.
enum PrivateFolder {
    /// Makes the folder, or finds it from an earlier run.
    ///
    /// - Parameter subject: what it stands in for; another one has another folder.
    /// - Returns: nil when somebody else has it: anybody may make folders in `/tmp`, so it is used only when it is a real
    ///   folder, ours and closed to others.
    static func make(for subject: String) -> String? {
        let folder = path(for: subject)
        unsafe mkdir(folder, 0o700)
        var info = stat()
        guard unsafe lstat(folder, &info) == 0, info.st_mode & S_IFMT == S_IFDIR, info.st_uid == getuid(),
            info.st_mode & 0o077 == 0
        else { return nil }
        return folder
    }

    static func path(for subject: String) -> String {
        "/tmp/toposync-\(getuid())-\(SHA256.hash(data: Data(subject.utf8)).prefix(6).hexadecimal)"
    }
}
