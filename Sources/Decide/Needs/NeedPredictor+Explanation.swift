import Features
import Foundation
import Learning
import MathKernels

extension NeedPredictor {
  /// The explanations of some categories of one customer.
  func explanations(_ rows: [Float], columns: [Int], strengths: [Double]) throws -> [NeedExplanation] {
    guard !columns.isEmpty else { return [] }
    let width = NeedFeatures.width
    var chosen: [Float] = []
    for column in columns { chosen.append(contentsOf: rows[column * width..<(column + 1) * width]) }
    let parts = try model.trees.contributions(FeatureMatrix(names: NeedFeature.names, values: chosen))
    return zip(columns, parts).map { column, part in
      let contributions = NeedFeature.allCases.map { feature in
        let value = rows[column * width + feature.rawValue]
        return NeedExplanation.Contribution(
          feature: feature.name, label: feature.words(value, currency: model.currency.code),
          value: value.isFinite ? Double(value) : nil, contribution: part.contributions[feature.rawValue])
      }.sorted { abs($0.contribution) > abs($1.contribution) }
      let total = logit(strengths[column])
      // What calibration does is the rest, so that the parts add up without rounding.
      let sum = contributions.reduce(part.base) { $0 + $1.contribution }
      return NeedExplanation(
        base: part.base, contributions: contributions, calibration: total - sum, total: total)
    }
  }

  /// The trends of all categories that a customer has bought lately, by column.
  ///
  /// Purchase days of the last twelve weeks against those of the twelve weeks before, or against the first half of the
  /// time since the customer's first visit when that is shorter: a binomial test, adjusted over the categories.
  func trends(of state: CustomerState, day: Int32) -> [Int: NeedTrend] {
    guard let first = state.visits.first?.day else { return [:] }
    let span = min(84, (Int64(day) - Int64(first)) / 2)
    guard span >= 7 else { return [:] }
    var (columns, changes, pValues): ([Int], [Double], [Double]) = ([], [], [])
    for (index, category) in state.categories.enumerated() {
      guard let column = space.column(ofCategory: category) else { continue }
      var (recent, previous) = (0, 0)
      for entry in state.histories[index].days {
        let age = Int64(day) - Int64(entry.day)
        if age >= 1, age <= span { recent += 1 } else if age > span, age <= 2 * span { previous += 1 }
      }
      guard recent + previous > 0 else { continue }
      columns.append(column)
      changes.append(Double(recent - previous) / Double(max(1, previous)))
      pValues.append(HypothesisTests.mcNemarMidP(onlyFirst: recent, onlySecond: previous).pValue)
    }
    let adjusted = HypothesisTests.benjaminiHochberg(pValues)
    return Dictionary(
      uniqueKeysWithValues: columns.indices.map { index in
        (
          columns[index],
          NeedTrend(change: changes[index], pValue: pValues[index], qValue: adjusted[index], level: 0.1)
        )
      })
  }
}
