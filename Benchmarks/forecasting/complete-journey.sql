-- The weekly units of the Complete Journey's categories (LEVEL=category) or of the 1,000 items that sold most before the last
-- eight weeks (LEVEL=item). Weeks are the data's own, from its second on, which begin on Mondays from 2 January 2017; WEEKS of
-- them are written. Fuel and coupons are left out, whose quantities are no units.
SET VARIABLE weeks = coalesce(try_cast(nullif(getenv('WEEKS'), '') AS INTEGER), 52);
CREATE TEMP TABLE lines AS
SELECT product_id, department, product_category AS category, brand, quantity AS units, sales_value AS paid,
       retail_disc + coupon_match_disc AS discount, week - 2 AS week
FROM read_parquet(getenv('FOLDER') || '/transactions.parquet') AS transactions
JOIN read_parquet(getenv('FOLDER') || '/products.parquet') AS products USING (product_id)
WHERE week >= 2 AND quantity > 0 AND product_category IS NOT NULL AND product_category NOT LIKE '%FUEL%'
  AND product_category NOT LIKE '%COUPON%';
CREATE TEMP TABLE members AS
SELECT 'item:' || product_id AS id, product_id, any_value(category) AS category, any_value(department) AS department,
       any_value(brand) AS brand
FROM lines WHERE week < getvariable('weeks') - 8 AND getenv('LEVEL') = 'item'
GROUP BY product_id ORDER BY sum(units) DESC, product_id LIMIT 1000;
INSERT INTO members
SELECT DISTINCT 'category:' || category, product_id, category, first(department) OVER (PARTITION BY category ORDER BY department), 'all'
FROM lines WHERE week < getvariable('weeks') - 8 AND getenv('LEVEL') = 'category';
CREATE TEMP TABLE weekly AS
SELECT id, week, sum(units) AS units, sum(paid) AS paid, (sum(paid) + sum(discount)) / sum(units) AS price,
       coalesce(sum(discount) / nullif(sum(paid) + sum(discount), 0), 0) AS discount
FROM lines JOIN members USING (product_id) GROUP BY id, week;
-- What the shops had planned: in which share of them, and of a category's products, an item lay out or was in the mailing.
CREATE TEMP TABLE planned AS
SELECT id, week - 2 AS week, count(*) FILTER (display_location <> '0') / any_value(places) AS display,
       count(*) FILTER (mailer_location <> '0') / any_value(places) AS mailer
FROM read_parquet(getenv('FOLDER') || '/promotions.parquet') AS promotions JOIN members USING (product_id)
JOIN (SELECT id, 112 * count(*) AS places FROM members GROUP BY id) USING (id)
WHERE week >= 2 GROUP BY id, week;
CREATE TEMP TABLE subjects AS
SELECT id, any_value(category) AS category, any_value(department) AS department, any_value(brand) AS brand
FROM members GROUP BY id;
-- In a week without a sale the list price is the one before.
COPY (
  SELECT subjects.id AS unique_id, DATE '2017-01-02' + CAST(7 * step AS INTEGER) AS ds, coalesce(units, 0) AS y,
         coalesce(price, last_value(price IGNORE NULLS) OVER earlier, first_value(price IGNORE NULLS) OVER later, 1) AS price,
         coalesce(weekly.discount, 0) AS discount, coalesce(display, 0) AS display, coalesce(mailer, 0) AS mailer,
         category, department, brand, coalesce(paid, 0) AS revenue
  FROM subjects CROSS JOIN (SELECT unnest(range(0, getvariable('weeks'))) AS step)
  LEFT JOIN weekly ON weekly.id = subjects.id AND weekly.week = step
  LEFT JOIN planned ON planned.id = subjects.id AND planned.week = step
  WINDOW earlier AS (PARTITION BY subjects.id ORDER BY step),
         later AS (PARTITION BY subjects.id ORDER BY step ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
  ORDER BY subjects.id, step
) TO '/dev/stdout' (HEADER);
