import Commerce
import Learning
import MathKernels

/// How data are held out to measure recommenders.
public enum EvaluationProtocol: Sendable, Codable, Equatable {
  /// The last item of each user is the test, the one before it the validation. Users with fewer than three events are learned
  /// from, not measured.
  case leaveOneOut
  /// The newest share of all rows is the test; what each user had before it is the history.
  case temporal(testShare: Double)
  /// The last days are the test; as many days before them the validation.
  case lastDays(Double)
  /// Rows are dealt into folds at random; each fold is the test once.
  case kFold(folds: Int)
  /// A share of each user's rows, drawn at random, is the test; the same share of what is left is the validation. With 0.25
  /// this is the stratified split of Microsoft's recommenders.
  case stratified(testShare: Double)
  /// A tenth of each user's rows, drawn at random, is the test, another tenth the validation: the general protocol of RecBole.
  /// The validation rows are not learned from when testing, and not recommended.
  case eightOneOne
}

/// A user to measure on.
struct EvaluationCase: Sendable {
  var history: CodedHistory
  var targets: [Int32]
  /// Items that are neither recommended nor looked for.
  var excluded: [Int32] = []
}

/// Data to learn from and the users to measure on afterwards.
struct EvaluationRound: Sendable {
  var training: Interactions
  var cases: [EvaluationCase]
  /// When given, only these items are ranked.
  var candidates: [Int32]?
}

extension EvaluationProtocol {
  /// The rounds of the test: fitted on everything that is not held out for it.
  func testRounds(_ data: Interactions, repeatPurchases: RepeatPurchases, seed: UInt64) -> [EvaluationRound] {
    splits(data, back: 0, seed: seed).map { round(data, $0, repeatPurchases) }
  }

  /// The round that tuning measures on: nothing of the test is in it.
  func validationRound(_ data: Interactions, repeatPurchases: RepeatPurchases, seed: UInt64)
    -> EvaluationRound
  {
    switch self {
    case .leaveOneOut, .eightOneOne:
      return round(data, splits(data, back: 1, seed: seed)[0], repeatPurchases)
    case .temporal, .lastDays, .kFold, .stratified:
      guard let split = splits(data, back: 0, seed: seed).first else {
        return EvaluationRound(training: data, cases: [])
      }
      let training = data.selecting(split.training)
      guard let inner = splits(training, back: 0, seed: seed &+ 1).first else {
        return EvaluationRound(training: training, cases: [])
      }
      return round(training, inner, repeatPurchases)
    }
  }

  private func splits(_ data: Interactions, back: Int, seed: UInt64) -> [Split] {
    switch self {
    case .leaveOneOut:
      return [Splits.leaveLastOut(starts: data.userStarts, minimum: 3, back: back)]
    case .temporal(let share):
      guard let cutoff = Splits.cutoff(timestamps: data.timestamp, holdingOut: share) else { return [] }
      return [Splits.temporal(timestamps: data.timestamp, cutoff: cutoff)]
    case .lastDays(let days):
      guard let newest = data.timestamp.max() else { return [] }
      let cutoff = Timestamp(milliseconds: newest).adding(days: -days).milliseconds + 1
      return [Splits.temporal(timestamps: data.timestamp, cutoff: cutoff)]
    case .kFold(let folds):
      return Splits.kFold(count: data.count, folds: folds, seed: seed)
    case .stratified(let share):
      let parts = Splits.dealtWithinGroups(starts: data.userStarts, shares: [share], seed: seed)
      return [Split(training: parts[1], test: parts[0])]
    case .eightOneOne:
      let parts = Splits.dealtWithinGroups(starts: data.userStarts, shares: [0.1, 0.1], seed: seed)
      return [Split(training: parts[2], test: parts[back])]
    }
  }

  /// Whether what is held out of the data lies after all that is learned from.
  private var followsTime: Bool {
    switch self {
    case .temporal, .lastDays: true
    case .leaveOneOut, .kFold, .stratified, .eightOneOne: false
    }
  }

  private func round(
    _ data: Interactions, _ split: Split, _ repeatPurchases: RepeatPurchases
  ) -> EvaluationRound {
    let training = data.selecting(split.training)
    // With a moment that divides training from test, histories are as old as they were then.
    let moment = followsTime ? split.test.lazy.map { data.timestamp[$0] }.min() : nil
    let excluded = excludedByUser(data, split)
    var cases: [EvaluationCase] = []
    var next = 0
    for user in 0..<data.users.count {
      let end = data.userStarts[user + 1]
      var targets: [Int32] = []
      var asked: Int64?
      while next < split.test.count, split.test[next] < end {
        let row = split.test[next]
        next += 1
        asked = asked ?? data.timestamp[row]
        if data.weight[row] > 0, !targets.contains(data.item[row]) { targets.append(data.item[row]) }
      }
      let history = training.history(ofUser: user, at: moment ?? asked ?? 0)
      switch repeatPurchases {
      case .allow: break
      case .never:
        let known = Set(history.items)
        targets.removeAll { known.contains($0) }
      case .only:
        let known = Set(history.items)
        targets.removeAll { !known.contains($0) }
      }
      if let excluded { targets.removeAll { excluded[user].contains($0) } }
      if !targets.isEmpty, !history.items.isEmpty {
        cases.append(EvaluationCase(history: history, targets: targets, excluded: excluded?[user] ?? []))
      }
    }
    return EvaluationRound(training: training, cases: cases)
  }

  /// What is held out for validation while the test is measured.
  private func excludedByUser(_ data: Interactions, _ split: Split) -> [[Int32]]? {
    guard case .eightOneOne = self else { return nil }
    var isUsed = [Bool](repeating: false, count: data.count)
    for row in split.training + split.test { isUsed[row] = true }
    return (0..<data.users.count).map { user in
      data.rows(ofUser: user).filter { !isUsed[$0] }.map { data.item[$0] }
    }
  }
}

extension Interactions {
  /// What a user had, as old as it was at a moment.
  func history(ofUser user: Int, at moment: Int64) -> CodedHistory {
    let rows = rows(ofUser: user)
    return CodedHistory(
      items: Array(item[rows]), weights: weight[rows].map { max(0, $0) },
      ageDays: timestamp[rows].map { Float(max(0, (Double(moment) - Double($0)) / Double(Timestamp.day))) })
  }
}
