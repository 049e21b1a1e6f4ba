import ControlPlane
import Foundation

/// What the program is told beside its command line: variables of the environment, and above them the options of the
/// Home Assistant add-on, when `TOPOSYNC_STREAMING_OPTIONS_FILE` names them. An image brings variables along that nobody
/// chose; options are somebody's choice.
enum Environment {
    private static let options: Result<AddOnOptions, StartupError>? = variable("TOPOSYNC_STREAMING_OPTIONS_FILE").map {
        file in
        Result { () throws(StartupError) in try AddOnOptions(file: file) }
    }

    /// An empty one counts as absent.
    static subscript(name: String) -> String? {
        (try? options?.get())?.variables[name] ?? variable(name)
    }

    /// - Throws: ``StartupError``, which names the option that is wrong.
    static func check() throws(StartupError) { _ = try options?.get() }

    /// Whether a variable's value says yes.
    static func isOn(_ value: String?) -> Bool { ["1", "true", "yes", "on"].contains(value?.lowercased()) }

    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
