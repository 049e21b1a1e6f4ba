import Foundation

/// Fetches one file until it is there and is the right one. What came before it broke off is kept for the next time.
struct VerifiedDownload: Sendable {
    var asset: String
    var url: String
    /// The file that it is written to.
    var partial: String
    /// In hexadecimal, lower case.
    var sha256: String
    var clock: InstallClock
    var report: @Sendable (InstallStep) -> Void

    func run(_ client: ReleaseClient) async throws(InstallError) {
        var retry = DownloadRetry()
        var mayBeOfAnother = fileSize > 0
        var attempt = 0
        while true {
            attempt += 1
            report(.attempt(attempt))
            let before = fileSize
            do throws(InstallError) {
                try await client.download(asset, at: url, to: partial) { bytes, total in
                    report(.received(bytes: bytes, total: total))
                }
                report(.verifying)
                let actual = try await BlockingWork.installing { [partial] () throws(InstallError) in
                    try FileDigest.sha256(of: partial)
                }
                if actual == sha256 { return }
                unsafe unlink(partial)
                // What an earlier run left may not belong to what the server has now, so it is fetched once as a whole.
                guard mayBeOfAnother else { throw .wrongChecksum(asset: asset) }
                mayBeOfAnother = false
            } catch {
                try await retry.pause(after: error, received: fileSize - before, clock, report)
            }
        }
    }

    private var fileSize: Int {
        var status = stat()
        return unsafe stat(partial, &status) == 0 ? Int(status.st_size) : 0
    }
}
