import Commerce
import Learning
import MathKernels

/// What `RatingBaseline`, `FunkSVD`, `SVDPlusPlus` and `TrustSVD` learned: biases, a vector per user and per item, and
/// biases that change with time where they were asked for.
public struct RatingFactorModel: RatingPredictor {
  /// The version of the saved form.
  public static let formatVersion = 1
  /// The users known to the model.
  public let users: Vocabulary
  /// The items known to the model.
  public let items: Vocabulary
  /// What ratings are within.
  public let scale: RatingScale
  /// How many numbers describe a user or an item; 0 for biases alone.
  public let embeddingSize: Int
  private let mean: Double
  @Packed private var userBiases: [Float]
  @Packed private var itemBiases: [Float]
  @Packed private var userFactors: [Float]
  @Packed private var itemFactors: [Float]
  private let time: TimeBiases?

  /// Users and items without a rating have no vector: theirs is zero.
  init(
    _ data: Interactions, biases: RatingBiases, embeddingSize: Int = 0, userFactors: [Float] = [],
    itemFactors: [Float] = [], time: TimeBiases? = nil
  ) {
    users = data.users
    items = data.items
    scale = RatingScale(data)
    self.embeddingSize = embeddingSize
    mean = biases.mean
    userBiases = biases.user
    itemBiases = biases.item
    self.userFactors = userFactors
    self.itemFactors = itemFactors
    self.time = time
    for (item, count) in data.itemCounts.enumerated() where count == 0 && embeddingSize > 0 {
      for place in item * embeddingSize..<(item + 1) * embeddingSize { self.itemFactors[place] = 0 }
    }
  }

  /// See `RatingPredictor`.
  public func rating(user: Int32?, item: Int32?, timestamp: Int64?) -> Double {
    var sum = mean
    if let user { sum += Double(userBiases[Int(user)]) }
    if let item { sum += Double(itemBiases[Int(item)]) }
    if let time, let timestamp { sum += Double(time.bias(user: user, item: item, timestamp: timestamp)) }
    guard let user, let item, embeddingSize > 0 else { return sum }
    let size = embeddingSize
    userFactors.withUnsafeBufferPointer { users in
      itemFactors.withUnsafeBufferPointer { items in
        guard let users = users.baseAddress, let items = items.baseAddress else { return }
        sum += Double(Vectors.dot(users + Int(user) * size, items + Int(item) * size, size))
      }
    }
    return sum
  }
}
