/// The version of the product, which all of its programs show.
public enum ProductVersion {
    public static let current = "0.1.0"
}
