import Learning

/// Pictures of one size with what each shows.
///
/// ```swift
/// let images = try IDXFile.read(images: "train-images-idx3-ubyte.gz", labels: "train-labels-idx1-ubyte.gz")
/// images.count   // 60000
/// ```
public struct ImageSet: Sendable, Equatable {
  /// Rows of a picture.
  public let height: Int
  /// Columns of a picture.
  public let width: Int
  /// Numbers a point: 1 for grey, 3 for colours.
  public let channels: Int
  /// The numbers, usually from 0 to 1: pictures × rows × columns × channels.
  public let pixels: [Float]
  /// The class of each picture, from 0.
  public let labels: [Int]

  /// How many pictures there are.
  public var count: Int { labels.count }

  /// How many numbers a picture has.
  public var size: Int { height * width * channels }

  /// Pictures with their classes.
  ///
  /// - Throws: `LearningError.invalidParameter` when the numbers are not finite, or not one picture for each label; a label
  ///   is negative or above 99,999.
  public init(height: Int, width: Int, channels: Int, pixels: [Float], labels: [Int]) throws {
    try SettingCheck.require("height", height, 1...4096)
    try SettingCheck.require("width", width, 1...4096)
    try SettingCheck.require("channels", channels, 1...64)
    guard pixels.count == labels.count * height * width * channels else {
      throw LearningError.invalidParameter(
        name: "pixels", value: "\(pixels.count) numbers",
        expected: "\(labels.count) pictures of \(height) × \(width) × \(channels)")
    }
    if let wrong = pixels.first(where: { !$0.isFinite }) {
      throw LearningError.invalidParameter(name: "pixels", value: "\(wrong)", expected: "finite numbers")
    }
    if let wrong = labels.first(where: { !(0..<100_000).contains($0) }) {
      throw LearningError.invalidParameter(
        name: "labels", value: "\(wrong)", expected: "a class from 0 to 99999")
    }
    self.height = height
    self.width = width
    self.channels = channels
    self.pixels = pixels
    self.labels = labels
  }

  private init(_ source: ImageSet, _ rows: [Int]) {
    (height, width, channels) = (source.height, source.width, source.channels)
    let size = source.size
    labels = rows.map { source.labels[$0] }
    pixels = [Float](unsafeUninitializedCapacity: rows.count * size) { buffer, initialized in
      for (place, row) in rows.enumerated() {
        for index in 0..<size { buffer[place * size + index] = source.pixels[row * size + index] }
      }
      initialized = rows.count * size
    }
  }

  /// Some of the pictures.
  public func selecting(_ rows: [Int]) -> ImageSet { ImageSet(self, rows) }

  /// The numbers of some pictures channel by channel, less a mean and divided by a deviation for each channel.
  func planes(_ rows: some Collection<Int>, _ scale: ImageScale) -> [Float] {
    let area = height * width
    return [Float](unsafeUninitializedCapacity: rows.count * size) { buffer, initialized in
      for (place, row) in rows.enumerated() {
        for channel in 0..<channels {
          let (mean, factor) = (scale.means[channel], 1 / scale.deviations[channel])
          let (source, target) = (row * size + channel, place * size + channel * area)
          for index in 0..<area {
            buffer[target + index] = (pixels[source + index * channels] - mean) * factor
          }
        }
      }
      initialized = rows.count * size
    }
  }
}

/// What brings each channel to mean zero and variance one.
struct ImageScale: Sendable, Codable, Equatable {
  let means: [Float]
  let deviations: [Float]

  init(_ images: ImageSet) {
    var (means, deviations): ([Float], [Float]) = ([], [])
    let points = images.count * images.height * images.width
    for channel in 0..<images.channels {
      var (sum, squares) = (0.0, 0.0)
      for index in 0..<points {
        let value = Double(images.pixels[index * images.channels + channel])
        sum += value
        squares += value * value
      }
      let mean = sum / Double(max(1, points))
      let deviation = max(0, squares / Double(max(1, points)) - mean * mean).squareRoot()
      means.append(Float(mean))
      deviations.append(deviation > 1e-6 ? Float(deviation) : 1)
    }
    (self.means, self.deviations) = (means, deviations)
  }
}
