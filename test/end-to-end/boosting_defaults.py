"""Predictions of scikit-learn's gradient boosting with its defaults, text columns coded by ordinals.

Usage: python boosting_defaults.py INPUT OUT
"""

import sys
from pathlib import Path

import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.preprocessing import OrdinalEncoder

data, out = Path(sys.argv[1]), Path(sys.argv[2])
train, test = pd.read_csv(data / "train.csv"), pd.read_csv(data / "test.csv")
features = [name for name in test.columns if name != "id"]
texts = [name for name in features if not pd.api.types.is_numeric_dtype(train[name])]
encoder = OrdinalEncoder().fit(train[texts])
for table in (train, test):
    table[texts] = encoder.transform(table[texts])
model = HistGradientBoostingRegressor(random_state=0).fit(train[features], train["price"])
pd.DataFrame({"id": test["id"], "price": model.predict(test[features])}).to_csv(out, index=False)
