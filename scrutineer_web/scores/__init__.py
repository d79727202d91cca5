"""Screens of the scores and of what stands behind them."""
