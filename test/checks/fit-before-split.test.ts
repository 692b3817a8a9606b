import { PRELUDE_LINES, checkScript, unindented } from './support';

const CAUGHT: Readonly<Record<string, string>> = {
  'a scaler before cross-validation': `
    X = StandardScaler().fit_transform(train.drop(columns=["price"]))
    print(cross_val_score(Ridge(), X, train["price"]).mean())`,
  'a scaler before one split': `
    X, y = train[["carat", "depth"]], train["price"]
    scaler = StandardScaler()
    scaler.fit(X)
    X = scaler.transform(X)
    X_train, X_valid, y_train, y_valid = train_test_split(X, y, test_size=0.2)`,
  'an imputer before folds': `
    columns = ["carat", "depth"]
    train[columns] = SimpleImputer().fit_transform(train[columns])
    X, y = train[columns], train["price"]
    for a, b in KFold(5).split(X):
        Ridge().fit(X.iloc[a], y.iloc[a])`,
  'a scaler that only transforms the folds': `
    X, y = train[["carat"]].values, train["price"].values
    scaler = StandardScaler().fit(X)
    for fold, (a, b) in enumerate(KFold(5).split(X, y)):
        model = Ridge().fit(scaler.transform(X[a]), y[a])`,
  'a column transformer before one split': `
    prepare = ColumnTransformer([("n", make_pipeline(SimpleImputer(), StandardScaler()), ["carat"])])
    X = prepare.fit_transform(train)
    X_train, X_valid = train_test_split(X)`,
  'both files together': `
    both = pd.concat([train.drop(columns=["price"]), test])
    both[["carat"]] = StandardScaler().fit_transform(both[["carat"]])
    X = both.iloc[:len(train)]`,
  'the rows to predict': `
    scaler = StandardScaler()
    X_test = scaler.fit_transform(test[["carat"]])`,
  'means of the target by group on all rows': `
    means = train.groupby("cut")["price"].mean()
    train["cut_mean"] = train["cut"].map(means)
    X, y = train[["carat", "cut_mean"]], train["price"]
    print(cross_val_score(Ridge(), X, y))`,
  'means of the target by group, joined': `
    means = train.groupby("cut").agg(level=("price", "mean")).reset_index()
    train = train.merge(means, on="cut")
    train_rows, valid_rows = train_test_split(train)`,
  'a target encoder on all rows': `
    encoder = TargetEncoder()
    train["cut"] = encoder.fit_transform(train[["cut"]], train["price"])
    for a, b in KFold(5).split(train):
        tr = train.iloc[a]`,
  'the model on all rows, measured on some of them': `
    X, y = train[["carat"]], train["price"]
    X_train, X_valid, y_train, y_valid = train_test_split(X, y)
    model = Ridge()
    model.fit(X, y)
    print(model.score(X_valid, y_valid))`,
};

const SOUND: Readonly<Record<string, string>> = {
  'a pipeline inside the cross-validation': `
    X, y = train.drop(columns=["price"]), train["price"]
    model = make_pipeline(SimpleImputer(), StandardScaler(), Ridge())
    print(cross_val_score(model, X, y).mean())`,
  'a scaler fitted on each fold': `
    X, y = train[["carat"]], train["price"]
    for a, b in KFold(5, shuffle=True).split(X):
        scaler = StandardScaler()
        X_train = scaler.fit_transform(X.iloc[a])
        X_valid = scaler.transform(X.iloc[b])
        Ridge().fit(X_train, y.iloc[a]).predict(X_valid)`,
  'a scaler fitted on one part': `
    X_train, X_valid, y_train, y_valid = train_test_split(train[["carat"]], train["price"])
    scaler = StandardScaler().fit(X_train)
    model = Ridge().fit(scaler.transform(X_train), y_train)
    model.score(scaler.transform(X_valid), y_valid)`,
  'the rows to predict only transformed': `
    X = train[["carat"]]
    scaler = StandardScaler()
    Ridge().fit(scaler.fit_transform(X), train["price"])
    scaler.transform(test[["carat"]])`,
  'a last fit on all rows after the cross-validation': `
    X, y = train[["carat"]], train["price"]
    model = make_pipeline(StandardScaler(), Ridge())
    print(cross_val_score(model, X, y))
    scaler = StandardScaler()
    last = Ridge().fit(scaler.fit_transform(X), y)
    last.predict(scaler.transform(test[["carat"]]))`,
  'categories numbered before the split': `
    train["cut"] = LabelEncoder().fit_transform(train["cut"])
    train[["clarity"]] = OrdinalEncoder().fit_transform(train[["clarity"]])
    X_train, X_valid = train_test_split(train[["carat", "cut", "clarity"]])`,
  'categories numbered on both files': `
    for c in ["cut", "color"]:
        encoder = LabelEncoder()
        encoder.fit(pd.concat([train[c], test[c]]))
        train[c] = encoder.transform(train[c])
        test[c] = encoder.transform(test[c])`,
  'labels encoded before the split': `
    y = LabelEncoder().fit_transform(train["price"])
    X_train, X_valid, y_train, y_valid = train_test_split(train[["carat"]], y)`,
  'a target brought to another scale': `
    y = StandardScaler().fit_transform(train[["price"]])
    X_train, X_valid, y_train, y_valid = train_test_split(train[["carat"]], y)`,
  'means of the target by group inside the folds': `
    oof = pd.Series(index=train.index, dtype=float)
    for a, b in KFold(5).split(train):
        means = train.iloc[a].groupby("cut")["price"].mean()
        oof.iloc[b] = train.iloc[b]["cut"].map(means)
    train["cut_mean"] = oof
    print(cross_val_score(Ridge(), train[["cut_mean"]], train["price"]))`,
  'means of the target by group for the rows to predict': `
    print(cross_val_score(Ridge(), train[["carat"]], train["price"]))
    means = train.groupby("cut")["price"].mean()
    test["cut_mean"] = test["cut"].map(means)`,
  'means of another column by group': `
    train["mean_depth"] = train.groupby("cut")["depth"].transform("mean")
    X_train, X_valid = train_test_split(train[["carat", "mean_depth"]])`,
  'the last rows kept for validation': `
    first = train.iloc[:8000]
    scaler = StandardScaler().fit(first[["carat"]])
    X_train, X_valid = train_test_split(scaler.transform(first[["carat"]]))`,
  'a model fitted again in every fold': `
    X, y = train[["carat"]], train["price"]
    model = Ridge()
    for a, b in KFold(5).split(X):
        model.fit(X.iloc[a], y.iloc[a])
        model.predict(X.iloc[b])
    model.fit(X, y)
    model.predict(test[["carat"]])`,
  'a search inside its own cross-validation': `
    from sklearn.model_selection import GridSearchCV
    search = GridSearchCV(make_pipeline(StandardScaler(), Ridge()), {})
    search.fit(train[["carat"]], train["price"])
    search.predict(test[["carat"]])`,
};

describe('fitting before the split', () => {
  it.each(Object.entries(CAUGHT))('is noticed: %s', async (_what, body) => {
    const marks = await checkScript(unindented(body));

    expect(marks.map(({ kind }) => kind)).toContain('fit_before_split');
  });

  it.each(Object.entries(SOUND))('is not suspected: %s', async (_what, body) => {
    expect(await checkScript(unindented(body))).toEqual([]);
  });

  it('is told with the line of the fit and that of the split', async () => {
    const body = 'X = StandardScaler().fit_transform(train[["carat"]])\n\nX_train, X_valid = train_test_split(X)\n';

    expect(await checkScript(body)).toEqual([
      {
        kind: 'fit_before_split',
        message: `Line ${PRELUDE_LINES + 1}: StandardScaler is fitted on all rows, which are split for validation only at line ${PRELUDE_LINES + 3}.`,
      },
    ]);
  });
});
