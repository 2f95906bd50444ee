"""Shops with a known truth: order histories, and what an offer would really have changed.

Every random number is a pure function of (seed, stream name, customer, order, line). The path a
customer takes with an offer and the path without it therefore share all their luck: a customer
whom an offer does not touch has the very same orders in both, and the difference between the
paths is the offer's effect and nothing else.

How a customer shops: a clock runs at the customer's own rate, faster in season and slower out of
it; an order falls due each time the clock has run one gap (Erlang, mean 1). An offer makes the
clock run faster or slower for as long as it is valid; what was only pulled forward is paid back
by a slower clock afterwards. What else happens to customers (visits, deliveries, tickets, e-mails)
is drawn from luck of its own, so that asking for it changes no order.
"""
