import { PRELUDE_LINES, checkScript, unindented } from './support';

const CAUGHT: Readonly<Record<string, string>> = {
  'the whole frame': `
    y = train["price"]
    Ridge().fit(train, y)`,
  'a frame without its id only': `
    y = train["price"].values
    X = train.drop(columns=["id"])
    print(cross_val_score(Ridge(), X, y).mean())`,
  'a list of features that names it': `
    FEATURES = ["carat", "price", "depth"]
    model = lgb.LGBMRegressor()
    model.fit(train[FEATURES], train["price"])`,
  'all columns but the id': `
    TARGET = "price"
    features = [c for c in train.columns if c != "id"]
    tr, va = train_test_split(train)
    model = Ridge().fit(tr[features].fillna(0), tr[TARGET])`,
  'what is left after other columns are dropped in place': `
    y = np.log1p(train.price)
    train.drop(["id", "cut"], axis=1, inplace=True)
    data = lgb.Dataset(train, label=y)`,
  'a column computed from it': `
    y = train["price"]
    train["per_carat"] = train["price"] / train["carat"]
    X = train.drop(columns=["id", "price"])
    Ridge().fit(X, y)`,
  'its logarithm': `
    train = train.assign(level=np.log1p(train["price"]))
    X = train.drop("price", axis=1)
    Ridge().fit(X, train["price"])`,
  'a function that forgets to drop it': `
    def prepare(frame):
        frame = frame.copy()
        frame["volume"] = frame["x"] * frame["y"]
        return frame.drop(columns=["id"])

    def main():
        X = prepare(train)
        y = train["price"]
        for a, b in KFold(5).split(X):
            Ridge().fit(X.iloc[a], y.iloc[a])

    if __name__ == "__main__":
        main()`,
  'a pipeline that passes the other columns on': `
    columns = ColumnTransformer([("n", StandardScaler(), ["carat"])], remainder="passthrough")
    make_pipeline(columns, Ridge()).fit(train, train["price"])`,
  'a pipeline whose columns name it': `
    columns = ColumnTransformer([("n", StandardScaler(), ["carat", "price"])])
    make_pipeline(columns, Ridge()).fit(train, train["price"])`,
  'rows left out first': `
    train = train[train["price"].notna() & (train["carat"] > 0)]
    Ridge().fit(train.drop(columns="id"), train["price"])`,
  'a frame put together from a dictionary of columns': `
    columns = {"carat": train["carat"]}
    for name in ["depth", "price"]:
        columns[name] = train[name].astype(float)
    Ridge().fit(pd.DataFrame(columns), train["price"])`,
  'a difference of sets': `
    features = list(set(train.columns) - {"id"})
    Ridge().fit(train[features], train["price"])`,
};

const SOUND: Readonly<Record<string, string>> = {
  'the target dropped': `
    y = train["price"]
    X = train.drop(columns=["price", "id"])
    Ridge().fit(X, y)`,
  'the target taken out': `
    y = train.pop("price")
    Ridge().fit(train, y)`,
  'the target deleted': `
    y = train["price"]
    del train["price"]
    Ridge().fit(train, y)`,
  'a name for it': `
    TARGET, ID = "price", "id"
    X = train.drop([TARGET, ID], axis=1)
    Ridge().fit(X, train[TARGET])`,
  'all columns but it': `
    DROP = ["id", "price"]
    features = [c for c in train.columns if c not in DROP]
    Ridge().fit(train[features], train["price"])`,
  'the columns that the rows to predict have': `
    features = [c for c in train.columns if c in test.columns]
    Ridge().fit(train[features], train["price"])`,
  'a list from which it was removed': `
    features = train.columns.tolist()
    features.remove("price")
    Ridge().fit(train[features], train["price"])`,
  'a difference of columns': `
    features = train.columns.difference(["price", "id"])
    Ridge().fit(train[features], train["price"])`,
  'a pipeline that looks at other columns only': `
    columns = ColumnTransformer([("n", StandardScaler(), ["carat", "depth"])])
    make_pipeline(columns, Ridge()).fit(train, train["price"])`,
  'a scaler for the target itself': `
    y = StandardScaler().fit_transform(train[["price"]]).ravel()
    X = train[["carat"]]
    Ridge().fit(X, y)`,
  'a column computed from it but dropped with it': `
    train["level"] = np.log1p(train["price"])
    y = train["level"]
    X = train.drop(columns=["price", "level"])
    Ridge().fit(X, y)`,
  'both frames prepared alike, the target dropped where there is one': `
    def prepare(frame):
        if "price" in frame.columns:
            frame = frame.drop(columns=["price"])
        return frame
    Ridge().fit(prepare(train), train["price"])`,
  'columns chosen in a way that cannot be told': `
    features = [c for c in train.columns if keep(c)]
    Ridge().fit(train[features], train["price"])`,
  'either with or without it': `
    if len(train) > 10:
        X = train
    else:
        X = train.drop(columns=["price"])
    Ridge().fit(X, train["price"])`,
  'columns of another name': `
    train["price_band"] = pd.cut(train["carat"], 5)
    Ridge().fit(train.drop(columns=["price"]), train["price"])`,
};

describe('the target as a feature', () => {
  it.each(Object.entries(CAUGHT))('is noticed: %s', async (_what, body) => {
    const marks = await checkScript(unindented(body));

    expect(marks.map(({ kind }) => kind)).toContain('target_as_feature');
  });

  it.each(Object.entries(SOUND))('is not suspected: %s', async (_what, body) => {
    expect(await checkScript(unindented(body))).toEqual([]);
  });

  it('is told with its line and its column', async () => {
    expect(await checkScript('y = train["price"]\nRidge().fit(train, y)\n')).toEqual([
      {
        kind: 'target_as_feature',
        message: `Line ${PRELUDE_LINES + 2}: the features that the model learns from still have the target "price".`,
      },
    ]);
  });
});
