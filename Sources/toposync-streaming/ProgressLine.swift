import ControlPlane
import Foundation
import ProcessLog
import StreamModel
import Synchronization

/// Shows a download on standard error: one line that changes at a terminal, else a line for each step and each tenth.
final class ProgressLine: Sendable {
    private struct State {
        var text = ""
        var step = ""
        var drawnAt: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let isTerminal = isatty(STDERR_FILENO) == 1

    private static let redrawInterval: Duration = .milliseconds(100)

    /// - Parameter name: of what is being installed.
    func show(_ name: String, _ progress: InstallProgress) {
        state.withLock { state in
            let text = Self.text(name, progress)
            if isTerminal {
                let isNewStep = Self.step(name, progress) != state.step
                if !isNewStep, let drawnAt = state.drawnAt, drawnAt.duration(to: .now) < Self.redrawInterval { return }
                state.step = Self.step(name, progress)
                state.drawnAt = .now
                // Back to the beginning of the line, and the rest of the old text away (ECMA-48, 8.3.41).
                LineWriter.standardError.write("\r\(text)\u{1b}[K")
            } else {
                let step = Self.step(name, progress) + Self.tenth(progress)
                guard step != state.step else { return }
                state.step = step
                LineWriter.standardError.write(text + "\n")
            }
            state.text = text
        }
    }

    /// Leaves the line as it is. The process may end then: what was shown last is written.
    func end() {
        if isTerminal, state.withLock({ !$0.text.isEmpty }) { LineWriter.standardError.write("\n") }
        LineWriter.standardError.flush()
    }

    private static func step(_ name: String, _ progress: InstallProgress) -> String {
        "\(name) \(progress.state) \(progress.attempt)"
    }

    private static func tenth(_ progress: InstallProgress) -> String {
        guard progress.state == .downloading, let total = progress.totalBytes, total > 0 else { return "" }
        return " \(progress.bytes * 10 / total)"
    }

    static func text(_ name: String, _ progress: InstallProgress) -> String {
        switch progress.state {
        case .idle: return name
        case .preparing: return "\(name): asking for its checksum"
        case .downloading:
            guard let total = progress.totalBytes, total > 0 else {
                return progress.bytes > 0 ? "\(name): \(megabytes(progress.bytes))" : "\(name): asking for it"
            }
            let percent = progress.bytes * 100 / total
            let rate = progress.bytesPerSecond.map { ", \(megabytes(Int($0)))/s" } ?? ""
            let rest = progress.remainingSeconds.map { ", \(Int($0.rounded(.up))) s left" } ?? ""
            return "\(name): \(percent) % of \(megabytes(total))\(rate)\(rest)"
        case .waiting: return "\(name): \(progress.error?.text ?? "") Trying again soon."
        case .verifying: return "\(name): comparing its checksum"
        case .unpacking: return "\(name): the checksum is right, unpacking"
        case .installed: return "\(name): installed"
        case .failed, .cancelled: return "\(name): not installed"
        }
    }

    private static func megabytes(_ bytes: Int) -> String {
        let tenths = (bytes + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10) MB"
    }
}
