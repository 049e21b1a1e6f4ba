import Foundation
import HTTPTypes

/// A route of the control API. Names of paths may contain slashes, so they are what remains behind the prefix.
enum ControlAPIRoute: Equatable {
    case info
    case globalGet, globalPatch
    case pathConfigurationList
    case pathConfigurationGet(String), pathConfigurationAdd(String), pathConfigurationPatch(String)
    case pathConfigurationReplace(String), pathConfigurationDelete(String)
    case pathList, pathGet(String)
    case rtspConnectionList
    case rtspSessionList, rtspSessionGet(String), rtspSessionKick(String)
    case rtmpConnectionList, rtmpConnectionGet(String), rtmpConnectionKick(String)
    case hlsSessionList, hlsSessionGet(String), hlsSessionKick(String)
    case webRTCSessionList, webRTCSessionGet(String), webRTCSessionKick(String)

    private static let exact: [String: ControlAPIRoute] = [
        "info": .info,
        "config/global/get": .globalGet,
        "config/global/patch": .globalPatch,
        "config/paths/list": .pathConfigurationList,
        "paths/list": .pathList,
        "rtspconns/list": .rtspConnectionList,
        "rtspsessions/list": .rtspSessionList,
        "rtmpconns/list": .rtmpConnectionList,
        "hlssessions/list": .hlsSessionList,
        "webrtcsessions/list": .webRTCSessionList,
    ]

    private static let named: [(prefix: String, make: @Sendable (String) -> ControlAPIRoute)] = [
        ("config/paths/get/", { .pathConfigurationGet($0) }),
        ("config/paths/add/", { .pathConfigurationAdd($0) }),
        ("config/paths/patch/", { .pathConfigurationPatch($0) }),
        ("config/paths/replace/", { .pathConfigurationReplace($0) }),
        ("config/paths/delete/", { .pathConfigurationDelete($0) }),
        ("paths/get/", { .pathGet($0) }),
        ("rtspsessions/get/", { .rtspSessionGet($0) }),
        ("rtspsessions/kick/", { .rtspSessionKick($0) }),
        ("rtmpconns/get/", { .rtmpConnectionGet($0) }),
        ("rtmpconns/kick/", { .rtmpConnectionKick($0) }),
        ("hlssessions/get/", { .hlsSessionGet($0) }),
        ("hlssessions/kick/", { .hlsSessionKick($0) }),
        ("webrtcsessions/get/", { .webRTCSessionGet($0) }),
        ("webrtcsessions/kick/", { .webRTCSessionKick($0) }),
    ]

    /// - Parameter urlPath: the path of the URL, percent-encoded.
    init?(urlPath: String) {
        guard urlPath.hasPrefix("/v3/") else { return nil }
        let rest = urlPath.dropFirst(4)
        if let route = Self.exact[String(rest)] {
            self = route
            return
        }
        for (prefix, make) in Self.named where rest.hasPrefix(prefix) {
            guard let name = rest.dropFirst(prefix.count).removingPercentEncoding, !name.isEmpty else { return nil }
            self = make(name)
            return
        }
        return nil
    }

    var method: HTTPRequest.Method {
        switch self {
        case .info, .globalGet, .pathConfigurationList, .pathConfigurationGet, .pathList, .pathGet, .rtspConnectionList,
            .rtspSessionList, .rtspSessionGet, .rtmpConnectionList, .rtmpConnectionGet, .hlsSessionList, .hlsSessionGet,
            .webRTCSessionList, .webRTCSessionGet:
            .get
        case .globalPatch, .pathConfigurationPatch: .patch
        case .pathConfigurationAdd, .pathConfigurationReplace, .rtspSessionKick, .rtmpConnectionKick, .hlsSessionKick,
            .webRTCSessionKick:
            .post
        case .pathConfigurationDelete: .delete
        }
    }
}
