import ControlPlane

/// Who may use a route.
enum RouteAccess: String, Sendable {
    /// Also somebody who has not signed in.
    case everyone
    case viewer
    case admin

    func allows(_ identity: Identity?) -> Bool {
        switch self {
        case .everyone: true
        case .viewer: identity != nil
        case .admin: identity?.role == .admin
        }
    }
}
