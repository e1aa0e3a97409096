from media_relay.rtcp.bandwidth import MAX_BPS, MIN_BPS, START_BPS, BandwidthEstimate


def run(loss: float, seconds: int, estimate: BandwidthEstimate | None = None) -> BandwidthEstimate:
    estimate = estimate or BandwidthEstimate()
    for second in range(seconds + 1):
        estimate.update(second * 1000, round(second * 1000 * loss), second * 1000)
    return estimate


def test_it_begins_above_one_megabit_so_that_a_camera_climbs_at_once() -> None:
    assert BandwidthEstimate().update(0, 0, 0) == START_BPS > 1_000_000


def test_it_climbs_to_the_lid_on_a_good_path() -> None:
    assert run(0.0, 5).bitrate_bps > START_BPS
    assert run(0.01, 30).bitrate_bps == MAX_BPS


def test_it_holds_still_between_the_thresholds() -> None:
    assert run(0.05, 30).bitrate_bps == START_BPS


def test_it_falls_in_step_with_the_loss_and_not_below_the_floor() -> None:
    assert run(0.2, 1).bitrate_bps == round(START_BPS * 0.9)
    assert run(0.5, 60).bitrate_bps == MIN_BPS


def test_it_moves_once_a_second_only() -> None:
    estimate = BandwidthEstimate()
    for now in range(0, 1000, 50):
        estimate.update(now, 0, now)
    assert estimate.bitrate_bps == START_BPS


def test_it_stays_when_nothing_is_sent() -> None:
    estimate = BandwidthEstimate()
    for now in range(0, 60_000, 1000):
        estimate.update(500, 0, now)
    assert estimate.bitrate_bps == START_BPS


def test_it_begins_a_new_interval_when_a_track_ended() -> None:
    estimate = run(0.0, 1)
    before = estimate.bitrate_bps
    assert estimate.update(10, 10, 2000) == before
    assert estimate.update(1010, 10, 3000) > before


def test_it_keeps_under_a_lid_of_its_own() -> None:
    assert run(0.0, 60, BandwidthEstimate(500_000)).bitrate_bps == 500_000
