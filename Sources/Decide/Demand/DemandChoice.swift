import MathKernels

/// Which method each subject is forecast by, at any time from what was known before it.
///
/// A subject's own backtest is short and noisy: the best of eight methods over a few origins is often the luckiest. So each
/// method's error, over the mean of all methods' errors, is drawn towards what it is for alike subjects, as if `shrinkage` more
/// origins had shown that.
struct DemandChoice: Sendable {
  let subjects: [SubjectFolds]
  let origins: [Int]
  let horizon: Int
  /// How many origins of evidence alike subjects weigh.
  let shrinkage: Double

  /// The method of each subject as it could be chosen at a time; nil for a subject without forecasts.
  func methods(at time: Int) -> [Int?] {
    let own = subjects.map { relativeErrors($0, at: time) }
    let panel = panelErrors(own)
    return subjects.indices.map { index in
      let subject = subjects[index]
      let prior = panel[subject.group] ?? [:]
      let usable = subject.methods.names.indices.filter { subject.next[$0] != nil }
      return usable.dropFirst(usable.first == subject.methods.baseline && usable.count > 1 ? 1 : 0).min {
        score($0, own[index], prior, subject) < score($1, own[index], prior, subject)
      }
    }
  }

  private func score(
    _ method: Int, _ own: (origins: Int, errors: [Double?]), _ prior: [String: Double],
    _ subject: SubjectFolds
  ) -> Double {
    let before =
      prior[subject.methods.names[method]] ?? (method == subject.methods.names.count - 1 ? 0.99 : 1)
    guard let error = own.errors[method] else { return before }
    let count = Double(own.origins)
    return (count * error + shrinkage * before) / (count + shrinkage)
  }

  /// Each method's mean squared error over the mean of all methods', of what was known at a time.
  private func relativeErrors(_ subject: SubjectFolds, at time: Int) -> (origins: Int, errors: [Double?]) {
    let count = subject.methods.names.count
    var (sums, known, used) = ([Double](repeating: 0, count: count), [Int](repeating: 0, count: count), 0)
    for (place, origin) in origins.enumerated() where origin < time {
      guard let said = subject.said[place] else { continue }
      used += 1
      for week in subject.targets(origin, horizon: horizon, before: time) where !subject.values[week].isNaN {
        for method in 0..<count {
          guard let mean = said[method] else { continue }
          let error = mean[week - origin] - subject.values[week]
          sums[method] += error * error
          known[method] += 1
        }
      }
    }
    let most = known.max() ?? 0
    let means = (0..<count).map { known[$0] == most && most > 0 ? sums[$0] / Double(most) : nil }
    let all = means.compactMap { $0 }
    let usual = all.isEmpty ? 0 : Statistics.mean(all)
    return (used, means.map { mean in mean.flatMap { usual > 0 ? $0 / usual : nil } })
  }

  private func panelErrors(_ own: [(origins: Int, errors: [Double?])]) -> [String: [String: Double]] {
    var sums: [String: [String: (sum: Double, count: Double)]] = [:]
    for (subject, errors) in zip(subjects, own) {
      for (name, error) in zip(subject.methods.names, errors.errors) {
        guard let error else { continue }
        sums[subject.group, default: [:]][name, default: (0, 0)].sum += error
        sums[subject.group, default: [:]][name, default: (0, 0)].count += 1
      }
    }
    return sums.mapValues { $0.mapValues { $0.sum / $0.count } }
  }
}
