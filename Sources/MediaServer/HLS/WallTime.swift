import Foundation
import StreamProtocols

/// The wall clock, for dates that people and players read; intervals are measured on a monotonic clock.
enum WallTime {
    static var now: ProgramDateTime {
        ProgramDateTime(millisecondsSinceEpoch: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
