import Foundation
import MediaKit

/// The `ffmpeg` program, for streams that our own encoder does not make.
enum FFmpegProgram {
    private static let path = "/usr/bin/ffmpeg"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: path)

    static func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-nostdin", "-hide_banner", "-loglevel", "error", "-y"] + arguments
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw MediaError(kind: .other, operation: "ffmpeg", reason: "exit status \(process.terminationStatus)")
        }
    }
}
