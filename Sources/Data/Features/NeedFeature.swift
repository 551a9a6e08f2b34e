/// The columns that needs are predicted from: one customer and one category as of a day.
///
/// The order of the cases is the order of the columns.
public enum NeedFeature: Int, Sendable, CaseIterable {
  // What the pair's own past foretells.
  case nextWindow
  case pace120
  case cellRate
  case affinity
  // The pair's own past.
  case decayed120
  case decayed30
  case purchases
  case recency
  case meanGap
  case gapVariation
  case overdue
  case resumption
  case sinceFirst
  case spendPerPurchase
  case groupAffinity
  case interest
  // The customer.
  case customerCategories112
  case customerCategories28
  case customerNew28
  case customerTenure
  case customerOverdue
  case customerRecency
  case customerGap
  case customerVisits14
  case customerVisits28
  case customerDecayedVisits
  case customerSpend28
  case customerActivity
  // The category.
  case popularity7
  case popularity28
  case trend
  case newShare
  case repeatShare
  case categoryGap

  /// The name of the column, as it appears in saved models and explanations.
  public var name: String {
    switch self {
    case .nextWindow: "next_window"
    case .pace120: "pace_120"
    case .cellRate: "rebuy_rate"
    case .affinity: "affinity"
    case .decayed120: "decayed_120"
    case .decayed30: "decayed_30"
    case .purchases: "purchases"
    case .recency: "days_since_last"
    case .meanGap: "mean_gap"
    case .gapVariation: "gap_variation"
    case .overdue: "overdue"
    case .resumption: "resumption"
    case .sinceFirst: "days_since_first"
    case .spendPerPurchase: "spend_per_purchase"
    case .groupAffinity: "group_affinity"
    case .interest: "interest"
    case .customerCategories112: "customer_categories_112"
    case .customerCategories28: "customer_categories_28"
    case .customerNew28: "customer_new_categories_28"
    case .customerTenure: "customer_tenure"
    case .customerOverdue: "customer_overdue"
    case .customerRecency: "customer_days_since_last"
    case .customerGap: "customer_mean_gap"
    case .customerVisits14: "customer_visits_14"
    case .customerVisits28: "customer_visits_28"
    case .customerDecayedVisits: "customer_decayed_visits"
    case .customerSpend28: "customer_spend_28"
    case .customerActivity: "customer_activity"
    case .popularity7: "category_popularity_7"
    case .popularity28: "category_popularity_28"
    case .trend: "category_trend"
    case .newShare: "category_new_share"
    case .repeatShare: "category_repeat_share"
    case .categoryGap: "category_mean_gap"
    }
  }

  /// The names of all columns, in order.
  public static let names = allCases.map(\.name)
}
