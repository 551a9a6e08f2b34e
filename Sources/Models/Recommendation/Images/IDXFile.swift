/// Files of the IDX format, gzipped or not, as the MNIST family has them: numbers of one byte in one or three dimensions.
///
/// Source: https://yann.lecun.com/exdb/mnist/
public enum IDXFile {
  /// Reads grey pictures and their classes; 255 becomes 1.
  ///
  /// - Throws: `RecommendationError.unreadableFile` naming the file and what was expected, `LearningError.invalidParameter`.
  public static func read(images: String, labels: String) throws -> ImageSet {
    let (shape, bytes) = try contents(of: images, dimensions: 3)
    let (labelShape, classes) = try contents(of: labels, dimensions: 1)
    guard shape[0] == labelShape[0] else {
      throw RecommendationError.unreadableFile(
        path: labels,
        reason: "expected \(shape[0]) labels, one for each picture of \(images), found \(labelShape[0])")
    }
    return try ImageSet(
      height: shape[1], width: shape[2], channels: 1, pixels: bytes.map { Float($0) / 255 },
      labels: classes.map(Int.init))
  }

  /// The sizes and the bytes of one file.
  private static func contents(of path: String, dimensions: Int) throws -> (
    shape: [Int], bytes: ArraySlice<UInt8>
  ) {
    let bytes = try PlainFile(path: path).inflated()
    let header = 4 + 4 * dimensions
    func wrong(_ reason: String) -> RecommendationError { .unreadableFile(path: path, reason: reason) }
    guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0 else {
      throw wrong(
        "expected the header of an IDX file: two bytes of zero, a type and the number of dimensions")
    }
    guard bytes[2] == 0x08, bytes[3] == UInt8(dimensions) else {
      throw wrong(
        "expected unsigned bytes (type 8) in \(dimensions) dimensions, found type \(bytes[2]) in \(bytes[3])")
    }
    guard bytes.count >= header else { throw wrong("its header ends before the \(dimensions) sizes") }
    let shape = (0..<dimensions).map { dimension in
      (0..<4).reduce(0) { $0 << 8 | Int(bytes[4 + 4 * dimension + $1]) }
    }
    // Each size is below 2³², so only the product of three may not fit.
    let count = shape.reduce(Int?(1)) { product, size in
      product.flatMap { $0.multipliedReportingOverflow(by: size).overflow ? nil : $0 * size }
    }
    guard let count, bytes.count - header == count else {
      throw wrong(
        "expected \(shape.map(String.init).joined(separator: " × ")) bytes after its header, found \(bytes.count - header)"
      )
    }
    return (shape, bytes[header...])
  }
}
